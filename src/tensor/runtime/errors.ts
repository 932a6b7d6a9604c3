/** How calls of the runtime fail. Every message can be shown to the user. */

/** The process that runs the models is gone (a crash, a time-out, `close`): the call didn't finish; the next one starts it again. */
export class RuntimeStoppedError extends Error {
  override readonly name = 'RuntimeStoppedError';
}

/** A state went with the process that held it, or was disposed of. */
export class StateLostError extends Error {
  override readonly name = 'StateLostError';
}

/** ONNX Runtime has no build for this machine, or can't be loaded on it. */
export class RuntimeUnavailableError extends Error {
  override readonly name = 'RuntimeUnavailableError';
}

/** What was given doesn't fit the model: a name, an element type, a shape, a file. Nothing was run. */
export class ModelInputError extends Error {
  override readonly name = 'ModelInputError';
}

/** NaN or infinity in a float input (then nothing was run) or in a scalar output (then no state has changed). */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';
}

/** ONNX Runtime refuses the model, or fails while it runs it; no state has changed. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/** A checkpoint can't be written or read; the message names the file and says what to do. */
export class CheckpointFileError extends Error {
  override readonly name = 'CheckpointFileError';
  /** Path of the file or folder. */
  readonly file: string;
  /** The system's (`ENOSPC`), or an empty string. */
  readonly code: string;

  constructor(message: string, file: string, code: string) {
    super(message);
    this.file = file;
    this.code = code;
  }
}
