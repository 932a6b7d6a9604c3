/** Element types of tensors: their ONNX code, their size, and the JavaScript array that holds them. */

export type DType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'int8' | 'uint8' | 'bool';

/** What holds a tensor's elements in JavaScript, row-major. float16 and bfloat16 are kept as their bits. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int8Array
  | Uint8Array;

interface DTypeFacts {
  /** `TensorProto.DataType` of the ONNX format. */
  readonly onnx: number;
  readonly bytes: number;
  /** The name that onnxruntime's JavaScript API uses; null: such a tensor can't cross its border. */
  readonly runtime: 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'int8' | 'uint8' | 'bool' | null;
  readonly array: new (buffer: ArrayBuffer, byteOffset?: number, length?: number) => TensorData;
}

export const dtypes: { readonly [name in DType]: DTypeFacts } = {
  float32: { onnx: 1, bytes: 4, runtime: 'float32', array: Float32Array },
  float64: { onnx: 11, bytes: 8, runtime: 'float64', array: Float64Array },
  float16: { onnx: 10, bytes: 2, runtime: 'float16', array: Uint16Array },
  bfloat16: { onnx: 16, bytes: 2, runtime: null, array: Uint16Array },
  int64: { onnx: 7, bytes: 8, runtime: 'int64', array: BigInt64Array },
  int32: { onnx: 6, bytes: 4, runtime: 'int32', array: Int32Array },
  int8: { onnx: 3, bytes: 1, runtime: 'int8', array: Int8Array },
  uint8: { onnx: 2, bytes: 1, runtime: 'uint8', array: Uint8Array },
  bool: { onnx: 9, bytes: 1, runtime: 'bool', array: Uint8Array },
};

export const isFloat = (dtype: DType): boolean => /float/.test(dtype);

/** Numbers as the elements of `dtype` (not float16 or bfloat16: those come from files, as bits). */
export function toData(values: Iterable<number>, dtype: DType): TensorData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, BigInt);
    case 'int32':
      return Int32Array.from(values);
    case 'int8':
      return Int8Array.from(values);
    case 'uint8':
    case 'bool':
      return Uint8Array.from(values);
    case 'float16':
    case 'bfloat16':
      throw new TypeError(`Numbers are not written as ${dtype}: build them as float32 and cast.`);
  }
}

/** The bytes of a tensor's elements, little-endian (every platform the runtime has a build for is). No copy. */
export const bytesOf = (data: TensorData): Uint8Array =>
  new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
