/** Between ONNX Runtime's tensors and ours, inside the runtime's process. */
import type * as Ort from 'onnxruntime-node';
import { type DType, dtypes, type TensorData } from '../dtype.ts';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import { sizeOf } from '../graph/types.ts';
import type { Shape } from '../model.ts';

export type OrtLibrary = typeof Ort;
export type OrtTensor = Ort.Tensor;

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

/** The elements of a tensor in host memory; a view. */
export const dataOf = (tensor: OrtTensor): TensorData => tensor.data as TensorData;

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
    const key = `${tensor.type} ${tensor.dims.join()} ${to}`;
    let session = sessions.get(key);
    if (!session) {
      const graph = new Graph();
      graph.output('copy', graph.input('original', tensor.type as DType, tensor.dims));
      session = ort.InferenceSession.create(serialise(graph).bytes, {
        executionProviders: ['webgpu', 'cpu'],
        preferredOutputLocation: to,
        logSeverityLevel: 3,
      });
      sessions.set(key, session);
    }
    return (await (await session).run({ original: tensor })).copy!;
  }
  return {
    download: (tensor) => pass(tensor, 'cpu'),
    upload: (tensor) => pass(tensor, 'gpu-buffer'),
  };
}
