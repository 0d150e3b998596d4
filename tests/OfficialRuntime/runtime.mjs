// The official training runtime, a WebAssembly module in onnxruntime-web 1.19.2, without the package's own wrapper.
import { pathToFileURL } from 'node:url';

const MODULE = 'ort-training-wasm-simd-threaded.mjs';
const CPU = 1;
const ERRORS_ONLY = 3;
const BYTES = { 1: 4, 2: 1, 3: 1, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8 };

/** What the runtime will not do, in its own words. */
export class Refusal extends Error {}

export class Runtime {
  /** @param dist The folder dist of the package. */
  static async start(dist, logLevel = ERRORS_ONLY) {
    // The package does not export this module to Node, so it is imported as a file.
    const { default: createModule } = await import(pathToFileURL(`${dist}/${MODULE}`).href);
    const runtime = new Runtime();
    // One thread: no workers are started and the process ends by itself.
    runtime.module = await createModule({ numThreads: 1, locateFile: (file) => `${dist}/${file}` });
    runtime.logLevel = logLevel;
    runtime.check(runtime.module._OrtInit(1, logLevel));
    return runtime;
  }

  /** Runs what calls into the module. An exception there makes the runtime unusable. */
  guard(action) {
    try {
      return action();
    } catch (error) {
      // The module is built without C++ exceptions: one arrives as a number. Nothing is known about its memory afterwards.
      if (typeof error !== 'number' && !(error instanceof WebAssembly.RuntimeError)) throw error;
      this.broken = true;
      throw new Refusal(typeof error === 'number' ? ['throws', ...this.#textsNear(error)].join(': ') : `throws: ${error.message}`);
    }
  }

  /** Options of a session, as the package's own wrapper sets them. */
  sessionOptions(optimization = 99) {
    return this.need(this.module._OrtCreateSessionOptions(optimization, true, true, 0, false, 0, 0, this.logLevel, 0, 0));
  }

  runOptions() {
    return this.need(this.module._OrtCreateRunOptions(this.logLevel, 0, false, 0));
  }

  /** Bytes copied into the module's memory. */
  copyIn(bytes) {
    const place = this.allocate(bytes.length);
    this.module.HEAPU8.set(bytes, place);
    return place;
  }

  /** A tensor over memory of the module. @returns its handle, and what frees both. */
  tensor({ type, shape, bytes }) {
    const { module } = this;
    const data = this.copyIn(bytes);
    const dimensions = this.allocate(4 * shape.length);
    shape.forEach((extent, axis) => { module.HEAP32[(dimensions >> 2) + axis] = extent; });
    const handle = this.need(module._OrtCreateTensor(type, data, bytes.length, dimensions, shape.length, CPU));
    module._free(dimensions);
    return {
      handle,
      bytes: () => module.HEAPU8.slice(data, data + bytes.length),
      release: () => {
        module._OrtReleaseTensor(handle);
        module._free(data);
      },
    };
  }

  /** What a tensor of the runtime holds; it is released. */
  take(tensor) {
    const { module } = this;
    const place = this.allocate(16);
    this.check(module._OrtGetTensorData(tensor, place, place + 4, place + 8, place + 12));
    const [type, data, dimensions, rank] = module.HEAPU32.slice(place >> 2, (place >> 2) + 4);
    const shape = Array.from(module.HEAPU32.slice(dimensions >> 2, (dimensions >> 2) + rank));
    if (!BYTES[type]) throw new Refusal(`an output of type ${type}`);
    const length = shape.reduce((product, extent) => product * extent, BYTES[type]);
    const bytes = module.HEAPU8.slice(data, data + length);
    module._OrtFree(dimensions);
    module._OrtReleaseTensor(tensor);
    module._free(place);
    return { type, shape, bytes };
  }

  /** Runs an ordinary model once, with the training operators there. @param inputs Tensors by name. @returns the outputs by name. */
  run(bytes, inputs = {}) {
    const { module } = this;
    const options = this.sessionOptions(0);
    const model = this.copyIn(bytes);
    const session = this.need(module._OrtCreateSession(model, bytes.length, options));
    module._free(model);
    const counts = this.allocate(8);
    this.check(module._OrtGetInputOutputCount(session, counts, counts + 4));
    const [inputCount, outputCount] = module.HEAPU32.slice(counts >> 2, (counts >> 2) + 2);
    const inputNames = Array.from({ length: inputCount }, (_, index) => this.need(module._OrtGetInputName(session, index)));
    const outputNames = Array.from({ length: outputCount }, (_, index) => this.need(module._OrtGetOutputName(session, index)));
    const given = inputNames.map((name) => this.tensor(inputs[module.UTF8ToString(name)]));
    const results = this.#pointers(outputNames.map(() => 0));
    const lists = [this.#pointers(inputNames), this.#pointers(given.map(({ handle }) => handle)), this.#pointers(outputNames)];
    const runOptions = this.runOptions();
    this.check(module._OrtRun(session, lists[0], lists[1], inputCount, lists[2], outputCount, results, runOptions));
    const outputs = Object.fromEntries(
      outputNames.map((name, index) => [module.UTF8ToString(name), this.take(module.HEAPU32[(results >> 2) + index])]),
    );
    given.forEach((tensor) => tensor.release());
    [counts, results, ...lists].forEach((place) => module._free(place));
    module._OrtReleaseRunOptions(runOptions);
    module._OrtReleaseSession(session);
    module._OrtReleaseSessionOptions(options);
    return outputs;
  }

  #pointers(values) {
    const place = this.allocate(4 * values.length);
    values.forEach((value, index) => { this.module.HEAPU32[(place >> 2) + index] = value; });
    return place;
  }

  allocate(size) {
    return this.need(this.module._malloc(Math.max(size, 1)));
  }

  need(handle) {
    if (handle === 0) throw new Refusal(this.lastError());
    return handle;
  }

  check(code) {
    if (code !== 0) throw new Refusal(this.lastError());
  }

  lastError() {
    const { module } = this;
    const place = module._malloc(8);
    module._OrtGetLastError(place, place + 4);
    const message = module.HEAPU32[(place + 4) >> 2];
    module._free(place);
    return message ? module.UTF8ToString(message) : 'no message';
  }

  /** The message of a C++ exception is a text that its object points to; where in it is not known. */
  #textsNear(exception) {
    const { module } = this;
    const heap = module.HEAPU8;
    const texts = [];
    for (let word = 0; word < 64; word++) {
      const start = module.HEAPU32[(exception >> 2) + word];
      let end = start;
      while (start > 1024 && end < heap.length && end - start < 4000 && heap[end] >= 32 && heap[end] < 127) end++;
      if (end - start >= 12) texts.push(Buffer.from(heap.slice(start, end)).toString('latin1'));
    }
    return texts.sort((left, right) => right.length - left.length).slice(0, 1);
  }
}
