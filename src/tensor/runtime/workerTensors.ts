/** Between ONNX Runtime's tensors and ours, inside the runtime's process. */
import type * as Ort from 'onnxruntime-node';
import { type DType, dtypes, type TensorData } from '../dtype.ts';
import type { Shape } from '../model.ts';
import { smallModel } from './smallModel.ts';

export type OrtLibrary = typeof Ort;
export type OrtTensor = Ort.Tensor;

/** The elements that a tensor of this shape has. */
export const sizeOf = (shape: Shape): number => shape.reduce((size, extent) => size * extent, 1);

/** A view: the tensor reads and writes `data`. */
export function toTensor(ort: OrtLibrary, dtype: DType, shape: Shape, data: TensorData): OrtTensor {
  const type = dtypes[dtype].runtime;
  if (type === null)
    throw new TypeError(`ONNX Runtime takes no ${dtype} tensors from outside: cast them in the graph.`);
  return new ort.Tensor(type, data as never, shape as number[]);
}

export function zeros(ort: OrtLibrary, dtype: DType, shape: Shape): OrtTensor {
  const { array, bytes } = dtypes[dtype];
  const size = sizeOf(shape);
  return toTensor(ort, dtype, shape, new array(new ArrayBuffer(size * bytes), 0, size));
}

/** The elements of a tensor in host memory; a view. Newer Nodes hold float16 in an array of their own: it is kept as bits. */
export function dataOf(tensor: OrtTensor): TensorData {
  const { data } = tensor;
  if (tensor.type !== 'float16') return data as TensorData;
  const bits = data as unknown as Uint16Array;
  return new Uint16Array(bits.buffer, bits.byteOffset, bits.length);
}

export const isOnGpu = (tensor: OrtTensor): boolean => tensor.location === 'gpu-buffer';

/** Copies tensors over the border of the GPU. */
export interface GpuTransfer {
  download(tensor: OrtTensor): Promise<OrtTensor>;
  upload(tensor: OrtTensor): Promise<OrtTensor>;
}

/**
 * By sessions of one Identity node: `getData()` of a GPU tensor is not implemented in onnxruntime-node 1.30 and kills the
 * process ("terminate called after throwing an instance of 'char const*'").
 */
export function gpuTransfer(ort: OrtLibrary): GpuTransfer {
  const sessions = new Map<string, Promise<Ort.InferenceSession>>();
  async function pass(tensor: OrtTensor, to: 'cpu' | 'gpu-buffer'): Promise<OrtTensor> {
    const dtype = tensor.type as DType;
    const rank = tensor.dims.length;
    const key = `${dtype} ${rank} ${to}`;
    let session = sessions.get(key);
    if (!session) {
      const anyShape = Array.from({ length: rank }, (_, axis) => `d${axis}`);
      const bytes = smallModel({
        inputs: [{ name: 'x', dtype, shape: anyShape }],
        outputs: [{ name: 'y', dtype, shape: anyShape }],
        nodes: [{ type: 'Identity', inputs: ['x'], outputs: ['y'] }],
      });
      session = ort.InferenceSession.create(bytes, {
        executionProviders: ['webgpu', 'cpu'],
        preferredOutputLocation: to,
        logSeverityLevel: 3,
      });
      sessions.set(key, session);
    }
    return (await (await session).run({ x: tensor })).y!;
  }
  return {
    download: (tensor) => pass(tensor, 'cpu'),
    upload: (tensor) => pass(tensor, 'gpu-buffer'),
  };
}
