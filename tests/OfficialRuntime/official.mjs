// Runs models in the official training runtime, a WebAssembly module: node official.mjs DIST CASES OUTPUT
// DIST: the folder dist of onnxruntime-web 1.19.2; CASES: a folder with cases.json and the models that it names; OUTPUT: the golden file.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, folder, output] = process.argv.slice(2).map((path) => resolve(path));
const FLOAT = 1;
const MODULE = 'ort-training-wasm-simd-threaded.mjs';

// The package does not export this module to Node, so it is imported as a file.
const { default: createModule } = await import(pathToFileURL(`${dist}/${MODULE}`).href);

class Refusal extends Error {}

class Runtime {
  static async start() {
    const runtime = new Runtime();
    // One thread: no workers are started and the process ends by itself.
    runtime.module = await createModule({ numThreads: 1, locateFile: (file) => `${dist}/${file}` });
    if (runtime.module._OrtInit(1, 4) !== 0) throw new Error(runtime.lastError());
    return runtime;
  }

  /** The outputs of a model without inputs, by name. */
  run(bytes) {
    try {
      return this.#run(bytes);
    } catch (error) {
      // The module is built without C++ exceptions: one arrives as a number. Nothing is known about its memory afterwards.
      if (typeof error !== 'number' && !(error instanceof WebAssembly.RuntimeError)) throw error;
      this.broken = true;
      throw new Refusal('throws');
    }
  }

  #run(bytes) {
    const { module } = this;
    const options = this.need(module._OrtCreateSessionOptions(0, true, true, 0, false, 0, 0, 4, 0, 0));
    const model = this.allocate(bytes.length);
    module.HEAPU8.set(bytes, model);
    const session = this.need(module._OrtCreateSession(model, bytes.length, options));
    const counts = this.allocate(8);
    module._OrtGetInputOutputCount(session, counts, counts + 4);
    const count = module.HEAP32[(counts + 4) >> 2];
    const names = this.allocate(4 * count);
    const values = this.allocate(4 * count);
    for (let index = 0; index < count; index++) {
      const name = this.need(module._OrtGetOutputName(session, index));
      module.HEAPU32[(names >> 2) + index] = name;
      module.HEAPU32[(values >> 2) + index] = 0;
    }
    const runOptions = this.need(module._OrtCreateRunOptions(4, 0, false, 0));
    if (module._OrtRun(session, 0, 0, 0, names, count, values, runOptions) !== 0) throw new Refusal(this.lastError());
    const outputs = {};
    for (let index = 0; index < count; index++) {
      const name = module.UTF8ToString(module.HEAPU32[(names >> 2) + index]);
      outputs[name] = this.read(module.HEAPU32[(values >> 2) + index]);
    }
    module._OrtReleaseRunOptions(runOptions);
    module._OrtReleaseSession(session);
    module._OrtReleaseSessionOptions(options);
    return outputs;
  }

  read(tensor) {
    const { module } = this;
    const place = this.allocate(16);
    if (module._OrtGetTensorData(tensor, place, place + 4, place + 8, place + 12) !== 0) throw new Refusal(this.lastError());
    const [type, data, dimensions, rank] = module.HEAPU32.slice(place >> 2, (place >> 2) + 4);
    if (type !== FLOAT) throw new Refusal(`an output of type ${type}`);
    const shape = module.HEAPU32.slice(dimensions >> 2, (dimensions >> 2) + rank);
    const length = shape.reduce((product, extent) => product * extent, 1);
    const values = Array.from(module.HEAPF32.slice(data >> 2, (data >> 2) + length), (value) => Number(value.toPrecision(9)));
    module._OrtReleaseTensor(tensor);
    return values;
  }

  allocate(size) {
    return this.need(this.module._malloc(Math.max(size, 1)));
  }

  need(handle) {
    if (handle === 0) throw new Refusal(this.lastError());
    return handle;
  }

  lastError() {
    const { module } = this;
    const place = module._malloc(8);
    module._OrtGetLastError(place, place + 4);
    return module.UTF8ToString(module.HEAPU32[(place + 4) >> 2]);
  }
}

let runtime = await Runtime.start();
const lines = [];
for (const { name, file, hash } of JSON.parse(readFileSync(`${folder}/cases.json`))) {
  let result;
  try {
    result = { gradients: runtime.run(readFileSync(`${folder}/${file}`)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    result = { refused: error.message.split('\n')[0] };
    if (runtime.broken) runtime = await Runtime.start();
  }
  lines.push(`${JSON.stringify(name)}: ${JSON.stringify({ hash, ...result })}`);
}
writeFileSync(output, `{\n${lines.join(',\n')}\n}\n`);
