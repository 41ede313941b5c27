// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor} from "../../interfaces/ITensor.sol";
import {Checks} from "./Checks.sol";
import {Operands} from "./Operands.sol";

/// @title Windows that slide over a padded NHWC picture
library Windows {
    /// @notice A picture, its windows, and how many there are.
    struct Geometry {
        uint256 batch;
        uint256 height;
        uint256 width;
        uint256 channels;
        uint256 kernelH;
        uint256 kernelW;
        uint256 strideH;
        uint256 strideW;
        uint256 dilationH;
        uint256 dilationW;
        uint256 padTop;
        uint256 padBottom;
        uint256 padLeft;
        uint256 padRight;
        uint256 outH;
        uint256 outW;
    }

    uint256 private constant LARGEST_PICTURE = 2 ** 27;

    /// @notice Windows of a convolution.
    function ofConvolution(uint32[4] memory x, uint256 kernelH, uint256 kernelW, ITensor.Window memory w) internal pure returns (Geometry memory g) {
        (g.batch, g.height, g.width, g.channels) = (x[0], x[1], x[2], x[3]);
        (g.kernelH, g.kernelW) = (kernelH, kernelW);
        (g.strideH, g.strideW, g.dilationH, g.dilationW) = (w.strideH, w.strideW, w.dilationH, w.dilationW);
        (g.padTop, g.padBottom, g.padLeft, g.padRight) = (w.padTop, w.padBottom, w.padLeft, w.padRight);
        _count(g);
    }

    /// @notice Windows of a pool.
    function ofPool(uint32[4] memory x, ITensor.Pool memory p) internal pure returns (Geometry memory g) {
        (g.batch, g.height, g.width, g.channels) = (x[0], x[1], x[2], x[3]);
        (g.kernelH, g.kernelW, g.dilationH, g.dilationW) = (p.kernelH, p.kernelW, 1, 1);
        (g.strideH, g.strideW) = (p.strideH, p.strideW);
        (g.padTop, g.padBottom, g.padLeft, g.padRight) = (p.padTop, p.padBottom, p.padLeft, p.padRight);
        _count(g);
    }

    function _count(Geometry memory g) private pure {
        g.outH = _windows(g.height + g.padTop + g.padBottom, g.kernelH, g.dilationH, g.strideH);
        g.outW = _windows(g.width + g.padLeft + g.padRight, g.kernelW, g.dilationW, g.strideW);
    }

    /// @dev 1 where there is none: the checks refuse it later.
    function _windows(uint256 size, uint256 kernel, uint256 dilation, uint256 stride) private pure returns (uint256) {
        unchecked {
            // A kernel of no elements spans less than nothing.
            int256 space = int256(size) - ((int256(kernel) - 1) * int256(dilation) + 1);
            return stride == 0 || space < 0 ? 1 : uint256(space) / stride + 1;
        }
    }

    /// @notice Shape of the result.
    function shape(Geometry memory g, uint256 channels) internal pure returns (uint256[] memory y) {
        y = new uint256[](4);
        (y[0], y[1], y[2], y[3]) = (g.batch, g.outH, g.outW, channels);
    }

    /// @notice Strides, dilations and paddings of a convolution.
    /// @param pictureChannels Channels that the precompile's padded picture has.
    function checkConvolution(Geometry memory g, uint256 pictureChannels) internal pure {
        _checkPositive(g.strideH);
        _checkPositive(g.strideW);
        _checkPositive(g.dilationH);
        _checkPositive(g.dilationW);
        _checkAxes(g);
        unchecked {
            uint256 plane = (g.height + g.padTop + g.padBottom) * (g.width + g.padLeft + g.padRight);
            if (plane <= LARGEST_PICTURE) plane *= pictureChannels;
            if (plane > LARGEST_PICTURE) Operands.refuse("memory", int256(plane), int256(LARGEST_PICTURE));
        }
    }

    /// @notice Kernel, strides and paddings of a pool.
    function checkPool(Geometry memory g) internal pure {
        _checkPositive(g.kernelH);
        _checkPositive(g.kernelW);
        _checkPositive(g.strideH);
        _checkPositive(g.strideW);
        _checkAxes(g);
    }

    function _checkPositive(uint256 value) private pure {
        Checks.attribute(_signed(value), 1, int256(Operands.MAX_DIMENSION));
    }

    /// @dev An attribute is an int32, whatever the ABI calls it.
    function _signed(uint256 value) private pure returns (int256) {
        return int32(uint32(value));
    }

    function _checkAxes(Geometry memory g) private pure {
        _checkAxis(g.height, g.kernelH, g.dilationH, g.padTop, g.padBottom);
        _checkAxis(g.width, g.kernelW, g.dilationW, g.padLeft, g.padRight);
    }

    function _checkAxis(uint256 size, uint256 kernel, uint256 dilation, uint256 before, uint256 behind) private pure {
        unchecked {
            int256 extent = int256((kernel - 1) * dilation + 1);
            int256 most = int256(Operands.MAX_DIMENSION);
            if (extent > most) Operands.refuse("shape", extent, most);
            Checks.attribute(_signed(before), 0, extent - 1);
            Checks.attribute(_signed(behind), 0, extent - 1);
            int256 padded = int256(size + before + behind);
            if (padded < extent) Operands.refuse("shape", padded, extent);
        }
    }

    /// @notice Pixel under an element of a window's kernel, counted over all pictures; not inside where it is padding.
    function pixelOf(Geometry memory g, uint256 window, uint256 tapRow, uint256 tapColumn) internal pure returns (bool isInside, uint256 pixel) {
        unchecked {
            uint256 row = window / g.outW;
            int256 y = int256((row % g.outH) * g.strideH + tapRow * g.dilationH) - int256(g.padTop);
            int256 x = int256((window % g.outW) * g.strideW + tapColumn * g.dilationW) - int256(g.padLeft);
            isInside = y >= 0 && y < int256(g.height) && x >= 0 && x < int256(g.width);
            pixel = ((row / g.outH) * g.height + uint256(y)) * g.width + uint256(x);
        }
    }

    /// @notice The pixels under all windows of one row, window by window, with the zero point where there is padding.
    /// @param row Of windows, counted over all pictures.
    function gather(Geometry memory g, bytes memory picture, int256 zero, uint256 row, bytes memory patches) internal pure {
        unchecked {
            uint256 to = 32;
            uint256 channels = g.channels;
            for (uint256 window = row * g.outW; window < (row + 1) * g.outW; ++window) {
                for (uint256 tap = 0; tap < g.kernelH * g.kernelW; ++tap) {
                    (bool isInside, uint256 pixel) = pixelOf(g, window, tap / g.kernelW, tap % g.kernelW);
                    assembly ("memory-safe") {
                        switch isInside
                        case 0 {
                            for { let i := 0 } lt(i, channels) { i := add(i, 1) } { mstore8(add(add(patches, to), i), zero) }
                        }
                        default { mcopy(add(patches, to), add(add(picture, 32), mul(pixel, channels)), channels) }
                    }
                    to += channels;
                }
            }
        }
    }
}
