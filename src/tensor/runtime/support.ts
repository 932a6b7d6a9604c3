/** The machine as far as the native ONNX runtime cares. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** A Linux without glibc (Alpine). */
  readonly musl: boolean;
}

/** What onnxruntime-node 1.30 ships binaries for: `bin/napi-v6/<platform>/<arch>` in its package. */
const builds = new Set(['linux x64', 'linux arm64', 'darwin arm64', 'win32 x64', 'win32 arm64']);

/** This machine. Node's diagnostic report names the glibc it runs on, and only then. */
export function thisMachine(): Machine {
  let musl = false;
  if (process.platform === 'linux') {
    // Without this the report resolves the names of open sockets, which can take seconds.
    const report = process.report as (typeof process.report & { excludeNetwork: boolean }) | undefined;
    if (report) report.excludeNetwork = true;
    const header = (report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined)?.header;
    musl = header !== undefined && header.glibcVersionRuntime === undefined;
  }
  return { platform: process.platform, arch: process.arch, musl };
}

/** What needs ONNX Runtime, and what is left to the user without it. */
export interface Need {
  /** Subject of a sentence, with its verb. */
  readonly needs: string;
  readonly goesOn: string;
}

/** What a user loses where `src/tensor` can't run. */
export const trainingNeed: Need = {
  needs: 'Training and the local policy need',
  goesOn: 'They need another platform; Attune goes on suggesting, remembering and retrieving.',
};

/** What training does without where `src/tensor` can't run. */
export const neuralNeed: Need = {
  needs: 'The neural reward model and PPO need',
  goesOn: 'All simpler models are trained here, too.',
};

/** Why ONNX Runtime can't run on a machine, as a sentence for the user; null: it can. */
export function whyUnsupported(machine: Machine, { needs, goesOn }: Need): string | null {
  if (machine.musl) {
    return `${needs} ONNX Runtime, which is built for glibc only, and this system (Alpine or another musl Linux) has none. ${goesOn}`;
  }
  if (builds.has(`${machine.platform} ${machine.arch}`)) return null;
  const name =
    machine.platform === 'darwin' && machine.arch === 'x64'
      ? 'Macs with an Intel processor'
      : `${machine.platform} on ${machine.arch}`;
  return `${needs} ONNX Runtime, which has no build for ${name}. ${goesOn}`;
}
