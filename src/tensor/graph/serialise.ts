/** From a graph to the bytes of an ONNX model: opset 21, IR 10, nodes in an order that runs, and only those that are needed. */
import { parse, relative, sep } from 'node:path';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { bytesOf, type DType, dtypes } from '../dtype.ts';
import type { Model, TensorSpec } from '../model.ts';
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from '../onnx/onnx_pb.js';
import { type Attribute, Graph, type Initializer, type Node, type Tensor } from './graph.ts';
import type { TensorType } from './types.ts';

const opset = 21n;
const irVersion = 10n;

/** A graph's nodes that `wanted` needs, each after those it needs; and the names it takes from outside. */
export interface Schedule {
  readonly nodes: readonly Node[];
  /** Names that no node of the graph makes: inputs, initializers, and values of the graphs around it. */
  readonly free: ReadonlySet<string>;
}

/** Depth first, without recursion over the nodes: a decoder's chain of them is thousands long. */
export function schedule(nodes: readonly Node[], wanted: readonly string[]): Schedule {
  const producer = new Map<string, Node>();
  for (const node of nodes) for (const { name } of node.outputs) producer.set(name, node);
  const ordered: Node[] = [];
  const free = new Set<string>();
  const state = new Map<Node, 'open' | 'done'>();
  const stack: (string | Node)[] = wanted.toReversed();
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (typeof top !== 'string') {
      if (state.get(top) === 'done') continue;
      state.set(top, 'done');
      ordered.push(top);
      continue;
    }
    const node = producer.get(top);
    if (!node) free.add(top);
    else if (!state.has(node)) {
      state.set(node, 'open');
      stack.push(node, ...dependencies(node).toReversed());
    } else if (state.get(node) === 'open') {
      throw new Error(`The graph has a cycle through “${node.name}”.`);
    }
  }
  return { nodes: ordered, free };
}

/** Names a node needs: its inputs, and what a body of its own takes from outside. */
function dependencies(node: Node): string[] {
  const names = node.inputs.flatMap((input) => (input ? [input.name] : []));
  for (const attribute of Object.values(node.attributes)) {
    if (!(attribute instanceof Graph)) continue;
    const own = new Set(attribute.inputs.map(({ name }) => name));
    const { free } = schedule(
      attribute.nodes,
      attribute.outputs.map(({ tensor }) => tensor.name),
    );
    names.push(...[...free].filter((name) => !own.has(name)));
  }
  return names;
}

/** The operator sets a node comes from, those of a loop's body included. */
const domainsOf = (node: Node): string[] => [
  node.domain,
  ...Object.values(node.attributes).flatMap((value) => (value instanceof Graph ? value.nodes.flatMap(domainsOf) : [])),
];

type Rename = (name: string) => string;

function attributeProto(
  name: string,
  attribute: Attribute,
  rename: Rename,
): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof attribute === 'number') return { name, type: AttributeType.INT, i: BigInt(attribute) };
  if (typeof attribute === 'string')
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(attribute) };
  if (attribute instanceof Graph) return { name, type: AttributeType.GRAPH, g: graphProto(attribute, rename) };
  if ('float' in attribute) return { name, type: AttributeType.FLOAT, f: attribute.float };
  return { name, type: AttributeType.INTS, ints: attribute.map(BigInt) };
}

const nodeProto = (node: Node, rename: Rename): MessageInitShape<typeof NodeProtoSchema> => ({
  opType: node.op,
  domain: node.domain,
  name: node.name,
  input: node.inputs.map((input) => (input ? rename(input.name) : '')),
  output: node.outputs.map(({ name }) => rename(name)),
  attribute: Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value, rename)),
});

const valueInfo = (name: string, { dtype, shape }: TensorType): MessageInitShape<typeof ValueInfoProtoSchema> => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: dtypes[dtype].onnx,
        shape: { dim: shape.map((size) => ({ value: { case: 'dimValue', value: BigInt(size) } })) },
      },
    },
  },
});

/** The runtime takes external weights only from below its working directory, so that is the root: see runtime/. */
const locationOf = (file: string): string => relative(parse(file).root, file).split(sep).join('/');

function initializerProto({ name, dtype, shape, content }: Initializer): MessageInitShape<typeof TensorProtoSchema> {
  const common = { name, dataType: dtypes[dtype].onnx, dims: shape.map(BigInt) };
  if (!('file' in content)) return { ...common, rawData: bytesOf(content) };
  return {
    ...common,
    dataLocation: DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: locationOf(content.file) },
      { key: 'offset', value: String(content.offset) },
      { key: 'length', value: String(content.bytes) },
    ],
  };
}

/** What a graph hands out, and under which name. */
interface Border {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * Nodes in order, with outputs under their names. A node's output takes the name itself; only what no node makes, or what
 * is handed out twice, costs an Identity, which copies.
 */
function lower(nodes: readonly Node[], borders: readonly Border[], outer: Rename) {
  const { nodes: needed, free } = schedule(
    nodes,
    borders.map(({ tensor }) => tensor.name),
  );
  const produced = new Set(needed.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
  const renamed = new Map<string, string>();
  const copies: Border[] = [];
  for (const border of borders) {
    const { name } = border.tensor;
    if (produced.has(name) && !renamed.has(name)) renamed.set(name, border.name);
    else copies.push(border);
  }
  const rename: Rename = (name) => renamed.get(name) ?? outer(name);
  const node = [
    ...needed.map((each) => nodeProto(each, rename)),
    ...copies.map(({ name, tensor }) => ({ opType: 'Identity', name, input: [rename(tensor.name)], output: [name] })),
  ];
  return { node, needed, free };
}

/** The body of a loop. */
function graphProto(graph: Graph, rename: Rename): MessageInitShape<typeof GraphProtoSchema> {
  return {
    name: 'body',
    node: lower(graph.nodes, graph.outputs, rename).node,
    input: graph.inputs.map((input) => valueInfo(input.name, input)),
    output: graph.outputs.map(({ name, tensor }) => valueInfo(name, tensor)),
  };
}

/**
 * The model that computes the outputs and the next states of `graph`, a root. Throws an Error when it needs a tensor that was
 * promised and never defined.
 */
export function serialise(graph: Graph): Model {
  const nextStates = graph.states.flatMap(({ input, next }) =>
    next ? [{ name: `${input.name}.next`, tensor: next }] : [],
  );
  const borders: Border[] = [...graph.outputs, ...nextStates];
  const { node, needed, free } = lower(graph.nodes, borders, (name) => name);
  const initializers = [...graph.initializers.values()].filter(({ name }) => free.has(name));
  const states = graph.states.filter(({ input, next }) => next || free.has(input.name));
  const given = new Set(
    [...graph.inputs, ...states.map(({ input }) => input), ...initializers].map(({ name }) => name),
  );
  const missing = [...free].filter((name) => !given.has(name));
  if (missing.length > 0) throw new Error(`Nothing makes “${missing[0]}”: were the packs of its Parameters forgotten?`);
  const domains = new Set(needed.flatMap(domainsOf));
  const model = create(ModelProtoSchema, {
    irVersion,
    producerName: 'attune',
    opsetImport: [
      { domain: '', version: opset },
      ...[...domains].filter(Boolean).map((domain) => ({ domain, version: 1n })),
    ],
    graph: {
      name: 'attune',
      node,
      initializer: initializers.map(initializerProto),
      input: [...graph.inputs, ...states.map(({ input }) => input)].map((input) => valueInfo(input.name, input)),
      output: borders.map(({ name, tensor }) => valueInfo(name, tensor)),
    },
  });
  const spec = (name: string, { dtype, shape }: { dtype: DType; shape: TensorSpec['shape'] }): TensorSpec => ({
    name,
    dtype,
    shape,
  });
  return {
    bytes: toBinary(ModelProtoSchema, model),
    inputs: graph.inputs.map((input) => spec(input.name, input)),
    outputs: graph.outputs.map(({ name, tensor }) => spec(name, tensor)),
    state: states.map(({ input, next }) => ({
      ...spec(input.name, input),
      output: next ? `${input.name}.next` : null,
    })),
    files: [...new Set(initializers.flatMap(({ content }) => ('file' in content ? [content.file] : [])))],
  };
}
