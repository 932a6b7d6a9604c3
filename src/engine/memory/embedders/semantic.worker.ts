/**
 * Runs the embedding model in a process of its own: a run of onnxruntime blocks its JavaScript thread, and a native abort
 * must not take the engine along. Reads the model from the disk only; every attempt at the network throws.
 */
import { type FromSemanticWorker, maxTokens, type ToSemanticWorker } from './semanticProtocol.ts';

// Before anything can load onnxruntime.
process.env.ORT_DISABLE_TELEMETRY = '1';

type Embed = (texts: readonly string[]) => Promise<Float32Array>;

const tell = (message: FromSemanticWorker): void => {
  if (process.connected) process.send?.(message);
};
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Imported here and not at the top, so that a missing native library becomes a message instead of a dead process. */
async function loadModel(modelsDir: string, model: string): Promise<{ dimensions: number; embed: Embed } | null> {
  let library: typeof import('@huggingface/transformers');
  try {
    library = await import('@huggingface/transformers');
  } catch (error) {
    tell({ type: 'failed', stage: 'runtime', message: messageOf(error) });
    return null;
  }
  try {
    const { AutoModel, AutoTokenizer, env, LogLevel, mean_pooling } = library;
    env.allowRemoteModels = false;
    env.allowLocalModels = true;
    env.localModelPath = modelsDir;
    env.useFSCache = false;
    env.useWasmCache = false;
    env.logLevel = LogLevel.NONE;
    env.fetch = () => Promise.reject(new Error('the embedding model may not use the network'));
    const [tokenizer, network] = await Promise.all([
      AutoTokenizer.from_pretrained(model, { local_files_only: true }),
      // One thread: embedding is background work, and the developer's compiler wants the other cores.
      AutoModel.from_pretrained(model, {
        local_files_only: true,
        dtype: 'q8',
        device: 'cpu',
        session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
      }),
    ]);
    // A tokenizer without a limit would run past the position embeddings, which the runtime answers with an error.
    const positions = Number(
      (network.config as { max_position_embeddings?: number }).max_position_embeddings ?? maxTokens,
    );
    const limit = Math.min(maxTokens, positions, tokenizer.model_max_length);
    const embed: Embed = async (texts) => {
      const inputs = await tokenizer([...texts], { padding: true, truncation: true, max_length: limit });
      const output = await network(inputs);
      const hidden = output.last_hidden_state ?? output.token_embeddings;
      if (!hidden) throw new Error('the model gives no token embeddings: it is not a feature-extraction model');
      const pooled = mean_pooling(hidden, inputs.attention_mask).normalize(2, -1);
      return Float32Array.from(pooled.data as Float32Array);
    };
    const dimensions = (await embed(['a'])).length;
    return { dimensions, embed };
  } catch (error) {
    tell({ type: 'failed', stage: 'model', message: messageOf(error) });
    return null;
  }
}

let loading: ReturnType<typeof loadModel> | null = null;

async function answer(message: ToSemanticWorker): Promise<void> {
  if (message.type === 'load') {
    loading = loadModel(message.modelsDir, message.model);
    const loaded = await loading;
    if (loaded) tell({ type: 'ready', dimensions: loaded.dimensions });
    return;
  }
  const loaded = await loading;
  if (!loaded) return;
  try {
    tell({ type: 'vectors', id: message.id, values: await loaded.embed(message.texts) });
  } catch (error) {
    tell({ type: 'failed', stage: 'batch', id: message.id, message: messageOf(error) });
  }
}

process.on('message', (message: ToSemanticWorker) => void answer(message));
// The engine is gone: so are we.
process.on('disconnect', () => process.exit(0));
