import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesOf, type DType, dtypes, isFloat, toData } from './dtype.ts';
import { TensorProto_DataType } from './onnx/onnx_pb.js';

const all = Object.keys(dtypes) as DType[];
const halves: readonly DType[] = ['float16', 'bfloat16'];

describe('element types', () => {
  it('have ONNX’s codes', () => {
    const names: Readonly<Record<DType, keyof typeof TensorProto_DataType>> = {
      float32: 'FLOAT',
      float64: 'DOUBLE',
      float16: 'FLOAT16',
      bfloat16: 'BFLOAT16',
      int64: 'INT64',
      int32: 'INT32',
      int8: 'INT8',
      uint8: 'UINT8',
      bool: 'BOOL',
    };
    for (const dtype of all) assert.equal(dtypes[dtype].onnx, TensorProto_DataType[names[dtype]], dtype);
  });

  it('know their size and the array that holds them', () => {
    for (const dtype of all) {
      const { array, bytes } = dtypes[dtype];
      assert.equal(new array(new ArrayBuffer(16)).BYTES_PER_ELEMENT, bytes, dtype);
    }
    assert.deepEqual(all.filter(isFloat), ['float32', 'float64', 'float16', 'bfloat16']);
  });

  it('numbers become elements of each type but the halves', () => {
    for (const dtype of all) {
      if (halves.includes(dtype)) {
        assert.throws(
          () => toData([1], dtype),
          new TypeError(`Numbers are not written as ${dtype}: build them as float32 and cast.`),
        );
        continue;
      }
      const data = toData([0, 1, 2], dtype);
      assert.ok(data instanceof dtypes[dtype].array, dtype);
      assert.deepEqual(Array.from(data, Number), [0, 1, 2], dtype);
    }
    assert.deepEqual(toData([-1, 2 ** 40], 'int64'), BigInt64Array.of(-1n, 2n ** 40n));
    assert.deepEqual(toData(new Set([0.1]), 'float32'), Float32Array.of(0.1));
  });

  it('bytes are a view of the elements, and of no others', () => {
    const data = Float32Array.of(1, 2, 3).subarray(1, 2);
    const bytes = bytesOf(data);
    assert.deepEqual([...bytes], [0, 0, 0, 0x40]);
    bytes[3] = 0xc0;
    assert.equal(data[0], -2);
  });
});
