/** Models for tools that read ONNX files: one for each op with its gradient, a training step of a decoder, and loops. */
import { gradients } from '../graph/autodiff.ts';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import { nextTokenLoss } from '../nn/nextToken.ts';
import { Parameters } from '../nn/parameters.ts';
import { constant, fanIn } from '../nn/weights.ts';
import { add, mul, neg, reshape } from '../ops/basic.ts';
import { gatherRows } from '../ops/gather.ts';
import { loop } from '../ops/loop.ts';
import { rmsNorm } from '../ops/normalise.ts';
import { less } from '../ops/select.ts';
import { adamw } from '../optim/adamw.ts';
import { cosineSchedule } from '../optim/schedule.ts';
import { type DecoderCase, decoderCases } from './decoderCases.ts';
import { weightedLoss } from './gradientCheck.ts';
import { opCases } from './opCases.ts';

function loops(): Graph {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  const { a, all } = loop(graph, 3, { a: x }, ({ a }, turn) => {
    const { b } = loop(a.graph, 5, { b: a }, ({ b }) => ({ carried: { b: add(b, x) }, goOn: less(turn, 2) }));
    return { carried: { a: neg(b) }, collected: { all: mul(b, a) } };
  });
  graph.output('a', a);
  graph.output('all', all);
  return graph;
}

function frozen(): Graph {
  const graph = new Graph();
  const slice = { file: '/models/model.safetensors', offset: 4096, bytes: 24 };
  const table = graph.weight('model.embed_tokens.weight', { dtype: 'bfloat16', shape: [4, 3] }, slice);
  graph.output('rows', gatherRows(table, graph.input('ids', 'int64', [5])));
  return graph;
}

/** A step with everything that adamw can add. */
function trainingStep(): Graph {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const ids = graph.input('ids', 'int64', [2, 6]);
  const table = parameters.create('table', [7, 4], fanIn);
  const scale = parameters.create('scale', [4], constant(1));
  const hidden = reshape(rmsNorm(gatherRows(table, ids), scale, 1e-5), [12, 4]);
  const loss = nextTokenLoss({ hidden, ids, table, parts: 2 });
  const schedule = cosineSchedule({ total: 9, warmup: 2 });
  const { gradientNorm } = adamw(parameters, loss, { learningRate: 0.1, clipNorm: 1, accumulate: 2, schedule });
  graph.output('loss', loss);
  graph.output('gradientNorm', gradientNorm);
  return graph;
}

/** Serialised models by name. */
export function exportedModels(): ReadonlyMap<string, Uint8Array> {
  const graphs = new Map<string, Graph>([
    ['loops', loops()],
    ['frozen', frozen()],
    ['training', trainingStep()],
  ]);
  const withGradients = (name: string, { loss, variables }: ReturnType<DecoderCase['build']>): void => {
    const { graph } = loss;
    graph.output('loss', loss);
    gradients(
      loss,
      variables.map(({ tensor }) => tensor),
      { unused: 'zero' },
    ).forEach((gradient, i) => {
      graph.output(`gradient.${i}`, gradient);
    });
    graphs.set(name, graph);
  };
  for (const { name, build, inputs } of opCases) withGradients(`op ${name}`, weightedLoss('float32', build, inputs));
  for (const { name, build } of decoderCases) withGradients(`decoder ${name}`, build({ float: 'float32' }));
  return new Map([...graphs].map(([name, graph]) => [name, serialise(graph).bytes]));
}
