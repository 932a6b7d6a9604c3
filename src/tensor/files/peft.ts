/** LoRA adapters in the files of Hugging Face's PEFT, as vLLM and Ollama load them, too. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Shape } from '../model.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { errorCode, ModelFileError, quoted } from './fileError.ts';
import type { DecoderConfig } from './llamaConfig.ts';
import type { NamedTensor } from './packs.ts';
import { type FolderKind, recoverFolder, replaceFolder } from './replaceFolder.ts';
import { openSafetensors, readFloat32 } from './safetensors.ts';
import { safetensorsPieces } from './safetensorsWrite.ts';
import { type LinearName, linearNames, linearPath, linearShape, misfit } from './weightNames.ts';

/** An adapter whose files are damaged, or that uses what can't be done here. */
export class AdapterError extends ModelFileError {}

/** W x becomes W x + alpha / rank · B A x, for the target linear maps of all layers. */
export interface LoraAdapter {
  /** The name or path of the model it was trained on; informative only. */
  readonly baseModel: string | null;
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly LinearName[];
  /** `model.layers.0.self_attn.q_proj.lora_A.weight` [rank, in] and `….lora_B.weight` [out, rank]; float32 when read. */
  readonly tensors: readonly NamedTensor[];
}

const configName = 'adapter_config.json';
const weightsName = 'adapter_model.safetensors';
const kind: FolderKind = { what: 'adapter', names: [configName, weightsName] };
/** PEFT's two wrappers around the model. */
const prefix = 'base_model.model.';

/** The matrices an adapter has, with their shapes, in the order of the layers. */
export function adapterShapes(
  config: DecoderConfig,
  { rank, targets }: Pick<LoraAdapter, 'rank' | 'targets'>,
): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (let layer = 0; layer < config.layers; layer++) {
    for (const target of targets) {
      const { in: width, out } = linearShape(config, target);
      shapes.set(`${linearPath(layer, target)}.lora_A.weight`, [rank, width]);
      shapes.set(`${linearPath(layer, target)}.lora_B.weight`, [out, rank]);
    }
  }
  return shapes;
}

/**
 * Reads an adapter for the model that `config` describes. Rejects with `AdapterError`, `SafetensorsError`, or `WeightsError`
 * when it is for another model.
 */
export async function readAdapter(folder: string, config: DecoderConfig): Promise<LoraAdapter> {
  await recoverFolder(nodeDisk, folder, kind).catch(() => {});
  const file = join(folder, configName);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const problem = errorCode(error) === 'ENOENT' ? 'is not there.' : `could not be read (${errorCode(error)}).`;
    throw new AdapterError(file, problem, 'Choose the folder of a LoRA adapter.', error);
  });
  const settings = parseAdapterConfig(file, text);
  const stored = await openSafetensors(join(folder, weightsName));
  const expected = adapterShapes(config, settings);
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const [name, shape] of expected) {
    const found = stored.tensors.get(prefix + name)?.shape;
    if (!found) missing.push(prefix + name);
    else if (`${found}` !== `${shape}`) wrong.push(`${prefix}${name} is [${found}] instead of [${shape}]`);
  }
  const unexpected = [...stored.tensors.keys()].filter(
    (name) => !name.startsWith(prefix) || !expected.has(name.slice(prefix.length)),
  );
  const error = misfit(join(folder, weightsName), 'its adapter_config.json and the base model', {
    missing,
    wrong,
    unexpected,
  });
  if (error) throw error;
  const tensors: NamedTensor[] = [];
  for (const [name, shape] of expected) {
    const data = await readFloat32(stored.tensors.get(prefix + name)!);
    tensors.push({ name, dtype: 'float32', shape, data });
  }
  return { ...settings, tensors };
}

/**
 * Writes the adapter's folder as a whole, replacing an older one. Rejects with `DiskError`, or a `ModelFileError` when the
 * folder holds something else; then the older one stays.
 */
export function writeAdapter(folder: string, adapter: LoraAdapter, disk: Disk = nodeDisk): Promise<void> {
  const tensors = adapter.tensors.map((tensor) => ({ ...tensor, name: prefix + tensor.name }));
  return replaceFolder(disk, folder, kind, async (write) => {
    await write(weightsName, safetensorsPieces(tensors, { format: 'pt' }));
    await write(configName, [Buffer.from(encodeAdapterConfig(adapter))]);
  });
}

const settingsSchema = v.looseObject({
  peft_type: v.literal('LORA'),
  task_type: v.nullish(v.literal('CAUSAL_LM')),
  base_model_name_or_path: v.nullish(v.string()),
  r: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 16)),
  lora_alpha: v.pipe(v.number(), v.finite()),
  bias: v.nullish(v.literal('none')),
  target_modules: v.union([v.literal('all-linear'), v.array(v.picklist(linearNames))]),
  // The others change the base model's weights before training.
  init_lora_weights: v.nullish(v.union([v.boolean(), v.picklist(['gaussian', 'eva', 'orthogonal'])])),
});

/** What PEFT can do besides, and its value where that is not in use is null, false, or empty. */
const unsupported = [
  'use_dora',
  'use_rslora',
  'use_qalora',
  'lora_bias',
  'fan_in_fan_out',
  'rank_pattern',
  'alpha_pattern',
  'modules_to_save',
  'layers_to_transform',
  'layers_pattern',
  'layer_replication',
  'exclude_modules',
  'target_parameters',
  'trainable_token_indices',
  'alora_invocation_tokens',
] as const;

/** `file` is for messages. Throws `AdapterError`: the field, and what is supported. */
export function parseAdapterConfig(file: string, text: string): Omit<LoraAdapter, 'tensors'> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new AdapterError(file, 'is not valid JSON.', 'Copy or download the adapter again.');
  }
  const parsed = v.safeParse(settingsSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue);
    if (field === null) throw new AdapterError(file, 'is not an object.', 'Copy or download the adapter again.');
    const given = typeof issue.input === 'string' ? quoted(issue.input) : (JSON.stringify(issue.input) ?? 'nothing');
    const problem = `has ${field} = ${given.slice(0, 100)}, which is not supported.`;
    throw new AdapterError(file, problem, advice[field.split('.')[0]!] ?? 'Copy or download the adapter again.');
  }
  const settings = parsed.output;
  for (const field of unsupported) {
    const value = settings[field];
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'object' && Object.keys(value).length === 0) continue;
    throw new AdapterError(
      file,
      `uses ${field}, which is not supported.`,
      'Train it as plain LoRA, without that option.',
    );
  }
  const targets = settings.target_modules === 'all-linear' ? linearNames : settings.target_modules;
  return {
    baseModel: settings.base_model_name_or_path ?? null,
    rank: settings.r,
    alpha: settings.lora_alpha,
    // PEFT writes a set, in any order.
    targets: linearNames.filter((name) => targets.includes(name)),
  };
}

const advice: Readonly<Record<string, string>> = {
  peft_type: 'Supported are adapters of type LORA.',
  task_type: 'Supported are adapters for CAUSAL_LM.',
  bias: 'Supported is “none”.',
  target_modules: `Supported are lists of ${linearNames.join(', ')}.`,
  init_lora_weights: 'Convert the adapter to plain LoRA first (PEFT: path_initial_model_for_weight_conversion).',
};

function encodeAdapterConfig({ baseModel, rank, alpha, targets }: LoraAdapter): string {
  const settings: Record<string, unknown> = {
    alpha_pattern: {},
    auto_mapping: null,
    base_model_name_or_path: baseModel,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r: rank,
    rank_pattern: {},
    revision: null,
    target_modules: targets,
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: false,
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}
