import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { TensorData } from '../dtype.ts';
import type { Model, Shape, StateBinding, TensorSpec, TensorValue } from '../model.ts';
import { probeModel } from './probe.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { type SmallNode, smallModel } from './smallModel.ts';

const log = { debug() {} };
const runtime = startRuntime({ log });
after(() => runtime.close());

const float = (shape: Shape, values: readonly number[]): TensorValue => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});
const scalar = (value: number) => float([], [value]);
const numbers = (value: TensorValue | undefined) => Array.from(value!.data as Float32Array);
const spec = (name: string, ...shape: number[]): TensorSpec => ({ name, dtype: 'float32', shape });

/** A model of these nodes; its outputs are what the caller and the state get. */
function build(model: {
  readonly inputs?: readonly TensorSpec[];
  readonly outputs?: readonly TensorSpec[];
  readonly state?: readonly StateBinding[];
  readonly nodes: readonly SmallNode[];
}): Model {
  const { inputs = [], outputs = [], state = [], nodes } = model;
  const next = state.flatMap(({ output, dtype, shape }) => (output === null ? [] : [{ name: output, dtype, shape }]));
  const bytes = smallModel({ inputs: [...inputs, ...state], outputs: [...outputs, ...next], nodes });
  return { bytes, inputs, outputs, state, files: [] };
}

/** total ← total + x; sum = the new total's only entry plus nothing. */
const counter = build({
  inputs: [spec('x')],
  outputs: [spec('sum')],
  state: [{ ...spec('total'), output: 'total.next' }],
  nodes: [
    { type: 'Add', inputs: ['total', 'x'], outputs: ['total.next'] },
    { type: 'Mul', inputs: ['total.next', 'x'], outputs: ['sum'] },
  ],
});

describe('the runtime', { timeout: 60_000 }, () => {
  it('takes a step: reads the state and writes it', async () => {
    const program = await runtime.load(counter, { purpose: 'train' });
    const state = await runtime.createState({ total: scalar(1) });
    assert.deepEqual(numbers((await program.run({ state, feeds: { x: scalar(2) } })).sum), [6]);
    assert.deepEqual(numbers((await program.run({ state, feeds: { x: scalar(3) } })).sum), [18]);
    assert.deepEqual(numbers((await state.read()).total), [6]);
    await state.write({ total: scalar(10) });
    assert.deepEqual(numbers((await program.run({ state, feeds: { x: scalar(1) } })).sum), [11]);
    assert.equal(program.provider, 'cpu');
    assert.equal(program.fallbackReason, null);
    await state.dispose();
    await program.dispose();
  });
});
