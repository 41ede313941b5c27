// Runs a TFLite model with TensorFlow Lite Micro's reference kernels, compiled from TensorFlow's own source.
//
//     reference model.tflite in.bin out.bin
//
// in.bin: samples back to back, raw bytes of the only input; out.bin likewise for the only output.
// expected.py builds it twice: as it is (double rounding) and with single_rounding.h included first.

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "tensorflow/lite/micro/kernels/all_ops_resolver.h"
#include "tensorflow/lite/micro/micro_error_reporter.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

constexpr size_t kArenaBytes = 8 << 20;
alignas(16) uint8_t arena[kArenaBytes];

std::vector<char> Read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int Fail(const char* what) {
  std::fprintf(stderr, "reference: %s\n", what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return Fail("usage: reference model.tflite in.bin out.bin");
  const std::vector<char> content = Read(argv[1]);
  const std::vector<char> samples = Read(argv[2]);
  tflite::MicroErrorReporter reporter;
  tflite::ops::micro::AllOpsResolver resolver;
  tflite::MicroInterpreter interpreter(tflite::GetModel(content.data()), resolver, arena, kArenaBytes, &reporter);
  if (interpreter.AllocateTensors() != kTfLiteOk) return Fail("the model could not be prepared");

  TfLiteTensor* input = interpreter.input(0);
  TfLiteTensor* output = interpreter.output(0);
  if (samples.size() % input->bytes != 0) return Fail("in.bin is not a whole number of samples");
  std::ofstream file(argv[3], std::ios::binary);
  for (size_t at = 0; at < samples.size(); at += input->bytes) {
    std::copy_n(samples.data() + at, input->bytes, input->data.raw);
    if (interpreter.Invoke() != kTfLiteOk) return Fail("a sample could not be run");
    file.write(output->data.raw, output->bytes);
  }
  return file.good() ? 0 : Fail("out.bin could not be written");
}
