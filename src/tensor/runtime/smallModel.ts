/** Writes a small ONNX model from a list of nodes: for the probe of a provider, and for moving tensors to and from a GPU. */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type DType, dtypes } from '../dtype.ts';
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  type ValueInfoProtoSchema,
} from '../onnx/onnx_pb.js';

export interface SmallNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers only. */
  readonly attributes?: { readonly [name: string]: number | readonly number[] };
}

export interface SmallModel {
  readonly inputs: readonly SmallValue[];
  readonly outputs: readonly SmallValue[];
  readonly nodes: readonly SmallNode[];
}

export interface SmallValue {
  readonly name: string;
  readonly dtype: DType;
  /** A name stands for any extent. */
  readonly shape: readonly (number | string)[];
}

const valueInfo = ({ name, dtype, shape }: SmallValue): MessageInitShape<typeof ValueInfoProtoSchema> => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: dtypes[dtype].onnx,
        shape: {
          dim: shape.map((extent) => ({
            value:
              typeof extent === 'string'
                ? { case: 'dimParam' as const, value: extent }
                : { case: 'dimValue' as const, value: BigInt(extent) },
          })),
        },
      },
    },
  },
});

const attribute = (name: string, value: number | readonly number[]): MessageInitShape<typeof AttributeProtoSchema> =>
  typeof value === 'number'
    ? { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) }
    : { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) };

/** A serialised ModelProto (opset 21, IR 10). */
export function smallModel({ inputs, outputs, nodes }: SmallModel): Uint8Array<ArrayBuffer> {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 10n,
      opsetImport: [{ domain: '', version: 21n }],
      producerName: 'attune',
      graph: {
        name: 'small',
        input: inputs.map(valueInfo),
        output: outputs.map(valueInfo),
        node: nodes.map(({ type, inputs, outputs, attributes = {} }, index) => ({
          name: `${type}_${index}`,
          opType: type,
          input: [...inputs],
          output: [...outputs],
          attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
        })),
      },
    }),
  );
}
