/** `node test/fakes/serve.ts [--openai-port=N] [--ollama-port=N]`: both servers, to try the extension without a model. */
import { demonstration } from './editing.ts';
import { startOllamaServer } from './ollamaServer.ts';
import { startOpenaiServer } from './openaiServer.ts';

const portOf = (name: string): { port?: number } => {
  const value = process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split('=')[1];
  return value === undefined ? {} : { port: Number(value) };
};

const script = demonstration(15);
const openai = await startOpenaiServer({ script, ...portOf('openai-port') });
const ollama = await startOllamaServer({ script, ...portOf('ollama-port') });
console.log(JSON.stringify({ openai: `${openai.url}/v1`, ollama: ollama.url }));

const stop = async (): Promise<void> => {
  await Promise.all([openai.close(), ollama.close()]);
};
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
