import { errorCode } from './fileError.ts';

/** Windows refuses to replace or remove a file while a virus scanner or another window has it open for a moment. */
const transient = new Set(['EPERM', 'EBUSY', 'EACCES']);
const retryDelaysMs = [10, 20, 40, 80, 160, 320] as const;

/** Tries again for two thirds of a second where the system refuses for a moment; elsewhere once. */
export async function patiently<T>(action: () => Promise<T>): Promise<T> {
  for (const delayMs of process.platform === 'win32' ? retryDelaysMs : []) {
    try {
      return await action();
    } catch (error) {
      if (!transient.has(errorCode(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
  return action();
}
