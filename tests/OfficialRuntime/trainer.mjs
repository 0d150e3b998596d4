// Trains artifacts in the official training runtime, as a process that is told what to do: node trainer.mjs DIST
// One JSON object per line comes in, with the command in "do", and one goes out. Tensors are {type, shape, data}: type is the number of the
// ONNX format, data its bytes in base64. A refusal is {error}; with broken: true the process is of no further use.
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { Refusal, Runtime } from './runtime.mjs';

const FLOAT = 1;

class Trainer {
  constructor(runtime) {
    this.runtime = runtime;
  }

  /** Opens the artifacts of a folder: {folder, prefix, checkpoint, optimizer}. */
  open({ folder, prefix = '', checkpoint = 'checkpoint', optimizer = true }) {
    const { runtime } = this;
    const { module } = runtime;
    const read = (file) => readFileSync(resolve(folder, prefix + file));
    const state = read(checkpoint);
    this.checkpoint = runtime.need(module._OrtTrainingLoadCheckpoint(runtime.copyIn(state), state.length));
    const models = ['training_model.onnx', 'eval_model.onnx', 'optimizer_model.onnx'].map((file) => {
      if (!existsSync(resolve(folder, prefix + file)) || (file.startsWith('optimizer') && !optimizer)) return [0, 0];
      const bytes = read(file);
      return [runtime.copyIn(bytes), bytes.length];
    });
    const options = runtime.sessionOptions();
    this.session = runtime.need(module._OrtTrainingCreateSession(options, this.checkpoint, ...models.flat()));
    module._OrtReleaseSessionOptions(options);
    models.forEach(([place]) => module._free(place));
    this.training = this.#names(false);
    this.evaluation = this.#names(true);
    return {
      inputs: this.training.inputs, outputs: this.training.outputs, evalOutputs: this.evaluation.outputs,
      trainable: this.#size(true), parameters: this.#size(false),
    };
  }

  train({ inputs }) {
    return { outputs: this.#run(this.runtime.module._OrtTrainingRunTrainStep, this.training, inputs) };
  }

  evaluate({ inputs }) {
    return { outputs: this.#run(this.runtime.module._OrtTrainingEvalStep, this.evaluation, inputs) };
  }

  /** One step of the optimizer in the artifacts. */
  step() {
    const { runtime } = this;
    const options = runtime.runOptions();
    runtime.check(runtime.module._OrtTrainingOptimizerStep(this.session, options));
    runtime.module._OrtReleaseRunOptions(options);
    return {};
  }

  /** The next training step overwrites the gradients instead of adding to them. */
  reset() {
    this.runtime.check(this.runtime.module._OrtTrainingLazyResetGrad(this.session));
    return {};
  }

  /** The parameters one after the other: {trainableOnly}. */
  get({ trainableOnly = true }) {
    const size = this.#size(trainableOnly);
    const tensor = this.runtime.tensor({ type: FLOAT, shape: [size], bytes: new Uint8Array(4 * size) });
    this.runtime.check(this.runtime.module._OrtTrainingCopyParametersToBuffer(this.session, tensor.handle, size, trainableOnly));
    const data = Buffer.from(tensor.bytes()).toString('base64');
    tensor.release();
    return { data };
  }

  /** Sets them: {trainableOnly, data}. */
  set({ trainableOnly = true, data }) {
    const bytes = Buffer.from(data, 'base64');
    const size = bytes.length / 4;
    const tensor = this.runtime.tensor({ type: FLOAT, shape: [size], bytes });
    this.runtime.check(this.runtime.module._OrtTrainingCopyParametersFromBuffer(this.session, tensor.handle, size, trainableOnly));
    tensor.release();
    return {};
  }

  /** Runs a single model: {model, inputs}. */
  run({ model, inputs }) {
    return { outputs: encoded(this.runtime.run(readFileSync(model), decoded(inputs))) };
  }

  close() {
    this.runtime.module._OrtTrainingReleaseSession(this.session);
    this.runtime.module._OrtTrainingReleaseCheckpoint(this.checkpoint);
    return {};
  }

  #size(trainableOnly) {
    const { runtime } = this;
    const place = runtime.allocate(4);
    runtime.check(runtime.module._OrtTrainingGetParametersSize(this.session, place, trainableOnly));
    const size = runtime.module.HEAP32[place >> 2];
    runtime.module._free(place);
    return size;
  }

  #names(evaluation) {
    const { module } = this.runtime;
    const place = this.runtime.allocate(8);
    this.runtime.check(module._OrtTrainingGetModelInputOutputCount(this.session, place, place + 4, evaluation));
    const counts = module.HEAP32.slice(place >> 2, (place >> 2) + 2);
    const list = (count, isInput) => Array.from({ length: count }, (_, index) => {
      const name = this.runtime.need(module._OrtTrainingGetModelInputOutputName(this.session, index, isInput, evaluation));
      return module.UTF8ToString(name);
    });
    return { inputs: list(counts[0], true), outputs: list(counts[1], false) };
  }

  #run(action, names, inputsByName) {
    const { runtime } = this;
    const given = decoded(inputsByName);
    const { module } = runtime;
    // The runtime takes and gives values by their place.
    const inputs = names.inputs.map((name) => {
      if (!given[name]) throw new Refusal(`there is no value for the input '${name}'`);
      return runtime.tensor(given[name]);
    });
    const inputValues = runtime.allocate(4 * inputs.length);
    const outputValues = runtime.allocate(4 * names.outputs.length);
    inputs.forEach((tensor, index) => { module.HEAPU32[(inputValues >> 2) + index] = tensor.handle; });
    names.outputs.forEach((_, index) => { module.HEAPU32[(outputValues >> 2) + index] = 0; });
    const options = runtime.runOptions();
    runtime.check(action.call(module, this.session, inputValues, inputs.length, outputValues, names.outputs.length, options));
    module._OrtReleaseRunOptions(options);
    const outputs = Object.fromEntries(
      names.outputs.map((name, index) => [name, runtime.take(module.HEAPU32[(outputValues >> 2) + index])]),
    );
    inputs.forEach((tensor) => tensor.release());
    module._free(inputValues);
    module._free(outputValues);
    return encoded(outputs);
  }
}

/** Tensors by name as lines carry them, and as the runtime takes them. */
const encoded = (tensors) => mapped(tensors, ({ type, shape, bytes }) => ({ type, shape, data: Buffer.from(bytes).toString('base64') }));
const decoded = (tensors) => mapped(tensors, ({ data, ...tensor }) => ({ ...tensor, bytes: Buffer.from(data, 'base64') }));
const mapped = (tensors, change) => Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));

// The runtime's own messages go to standard output, which is for answers alone.
const answer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const runtime = await Runtime.start(resolve(process.argv[2]));
const trainer = new Trainer(runtime);
const commands = new Set(['open', 'train', 'evaluate', 'step', 'reset', 'get', 'set', 'run', 'close']);
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let result;
  try {
    if (!commands.has(command.do)) throw new Refusal(`there is no command '${command.do}'`);
    result = runtime.guard(() => trainer[command.do](command));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    result = { error: error.message, broken: Boolean(runtime.broken) };
  }
  answer(`${JSON.stringify(result)}\n`);
}
