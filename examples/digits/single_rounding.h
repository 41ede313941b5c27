// Included before every source file of the reference kernels, turns their rounding to the single one that
// TensorFlow Lite has under TFLITE_SINGLE_ROUNDING: one 64-bit product, one rounding shift, halves upwards.
// The pinned source is older than that switch; its three multiply functions are the only places it concerns.
#pragma once

#ifdef __cplusplus
#include <cstdint>

#include "tensorflow/lite/kernels/internal/common.h"

namespace tflite {

inline int32_t MultiplySingleRounding(int32_t x, int32_t multiplier, int shift) {
  const int total = 31 - shift;
  return static_cast<int32_t>((static_cast<int64_t>(x) * multiplier + (int64_t{1} << (total - 1))) >> total);
}

}  // namespace tflite

#define MultiplyByQuantizedMultiplier MultiplySingleRounding
#define MultiplyByQuantizedMultiplierSmallerThanOneExp MultiplySingleRounding
#define MultiplyByQuantizedMultiplierGreaterThanOne MultiplySingleRounding
#endif
