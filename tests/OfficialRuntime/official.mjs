// Runs models in the official training runtime: node official.mjs DIST CASES OUTPUT
// DIST: the folder dist of onnxruntime-web 1.19.2; CASES: a folder with cases.json and the models that it names; OUTPUT: the golden file.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Refusal, Runtime } from './runtime.mjs';

const [dist, folder, output] = process.argv.slice(2).map((path) => resolve(path));
const FLOAT = 1;
const FATAL_ONLY = 4;
const CASES_OF_ONE_RUNTIME = 20;

/** The outputs of a model without inputs, by name. */
function run(runtime, bytes) {
  return Object.fromEntries(Object.entries(runtime.run(bytes)).map(([name, tensor]) => [name, numbers(tensor)]));
}

function numbers({ type, bytes }) {
  if (type !== FLOAT) throw new Refusal(`an output of type ${type}`);
  return Array.from(new Float32Array(bytes.buffer), (value) => Number(value.toPrecision(9)));
}

let runtime;
const lines = [];
for (const [place, { name, file, hash }] of JSON.parse(readFileSync(`${folder}/cases.json`)).entries()) {
  // Some of its kernels write beyond their memory, which shows only much later.
  if (place % CASES_OF_ONE_RUNTIME === 0 || runtime.broken) runtime = await Runtime.start(dist, FATAL_ONLY);
  let result;
  try {
    result = { gradients: runtime.guard(() => run(runtime, readFileSync(`${folder}/${file}`))) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    result = { refused: runtime.broken ? 'throws' : error.message.split('\n')[0] };
  }
  lines.push(`${JSON.stringify(name)}: ${JSON.stringify({ hash, ...result })}`);
}
writeFileSync(output, `{\n${lines.join(',\n')}\n}\n`);
