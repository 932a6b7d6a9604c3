/**
 * Bytes of TensorBoard's event files: records of TensorFlow's framing
 *
 *   length u64le | masked CRC-32C of the length u32le | payload | masked CRC-32C of the payload u32le
 *
 * whose payloads are `Event` messages (tensorflow/core/util/event.proto, framework/summary.proto). Of those a few
 * fields are needed, so they are written one by one rather than by generated code.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { maskedCrc32c } from './crc32c.ts';

/** One record around `payload`. */
export function frameRecord(payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + payload.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(payload, 12);
  view.setUint32(12 + payload.length, maskedCrc32c(payload), true);
  return record;
}

/** The first event of a file. `wallTime`: seconds since the epoch. */
export function versionEvent(wallTime: number): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.Bit64)
    .double(wallTime)
    .tag(3, WireType.LengthDelimited)
    .string('brain.Event:2')
    .finish();
}

export interface Scalar {
  readonly tag: string;
  readonly value: number;
  /** Said once per tag and file is enough. */
  readonly description?: string;
}

/** An event with the numbers of one step. `wallTime`: seconds since the epoch; `step`: a whole number ≥ 0. */
export function scalarsEvent(wallTime: number, step: number, scalars: readonly Scalar[]): Uint8Array {
  const event = new BinaryWriter().tag(1, WireType.Bit64).double(wallTime).tag(2, WireType.Varint).int64(step);
  event.tag(5, WireType.LengthDelimited).fork();
  for (const { tag, value, description } of scalars) {
    event.tag(1, WireType.LengthDelimited).fork();
    event.tag(1, WireType.LengthDelimited).string(tag);
    // The writer takes no number that is too large for 32 bits; TensorBoard shows infinity.
    event.tag(2, WireType.Bit32).float(Math.fround(value));
    if (description !== undefined) {
      event.tag(9, WireType.LengthDelimited).fork();
      // `plugin_data.plugin_name`: without it, metadata make readers wonder.
      event.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string('scalars').join();
      event.tag(3, WireType.LengthDelimited).string(description).join();
    }
    event.join();
  }
  return event.join().finish();
}
