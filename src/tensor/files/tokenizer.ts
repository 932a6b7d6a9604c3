/** Text to tokens and back, from the `tokenizer.json` and `tokenizer_config.json` beside a model's weights. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Tokenizer as Library } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { errorCode, ModelFileError } from './fileError.ts';

/** A `tokenizer.json` or `tokenizer_config.json` that can't be used. */
export class TokenizerError extends ModelFileError {}

export interface Tokenizer {
  /** The highest id plus 1. A model's vocabulary may be larger: it is padded for speed. */
  readonly size: number;
  readonly bosId: number | null;
  readonly eosId: number | null;
  readonly padId: number | null;
  /** Tokens that mark something instead of being text; written out in a text, they are found there, too. */
  readonly specialIds: ReadonlySet<number>;
  /** `addSpecialTokens` (default true): what the model expects around a text, such as a first token. */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): readonly number[];
  /** An id without a token is nothing; bytes that are no UTF-8 become “�”. */
  decode(ids: readonly number[], options?: DecodeOptions): string;
  /** The id of the token with just this content. */
  idOf(token: string): number | null;
  /** Text from tokens that come one by one. */
  stream(options?: DecodeOptions): TextStream;
}

export interface DecodeOptions {
  /** Default true. */
  readonly skipSpecialTokens?: boolean;
}

/** All pieces together are what `decode` gives for all tokens. */
export interface TextStream {
  /** The text that is certain with this token; empty while it ends in half a character. */
  push(id: number): string;
  /** What is left when no token follows. */
  end(): string;
}

/** Arrays are made as long as the highest id. */
const maxId = 2 ** 24;
const id = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxId));
const isVocabulary = (vocab: unknown): boolean =>
  typeof vocab === 'object' &&
  vocab !== null &&
  (Array.isArray(vocab) || Object.values(vocab).every((one) => Number.isInteger(one) && one >= 0 && one <= maxId));
const tokenizerSchema = v.looseObject({
  // Pairs of token and score in Unigram, an object of ids in all others.
  model: v.looseObject({
    type: v.nullish(v.picklist(['BPE', 'Unigram', 'WordPiece', 'WordLevel'])),
    vocab: v.custom<object>(isVocabulary),
  }),
  added_tokens: v.array(v.looseObject({ id, content: v.string(), special: v.optional(v.boolean()) })),
});
/** A token, or an object that also says how spaces around it are treated. */
const token = v.nullish(v.union([v.string(), v.looseObject({ content: v.string() })]));
const configSchema = v.looseObject({ bos_token: token, eos_token: token, pad_token: token });

const tokenizerName = 'tokenizer.json';
const configName = 'tokenizer_config.json';

/** Reads the two files of a model's folder; the second may be missing. Rejects with `TokenizerError`. */
export async function readTokenizer(folder: string): Promise<Tokenizer> {
  const read = async (name: string): Promise<string | null> => {
    const path = join(folder, name);
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ENOENT' && name === configName) return null;
      const problem = code === 'ENOENT' ? 'is not there.' : `could not be read (${code}).`;
      throw new TokenizerError(path, problem, 'Download the model again, or choose another folder.', error);
    }
  };
  return parseTokenizer(folder, (await read(tokenizerName))!, await read(configName));
}

/** `folder` is for messages; the texts are those of the two files. Throws `TokenizerError`. */
export function parseTokenizer(folder: string, tokenizerText: string, configText: string | null): Tokenizer {
  const tokenizer = parse(join(folder, tokenizerName), tokenizerText, tokenizerSchema);
  const config = parse(join(folder, configName), configText ?? '{}', configSchema);
  let library: Library;
  try {
    library = new Library(tokenizer, config);
    library.encode('a');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const problem = `could not be understood (${why.slice(0, 200)}).`;
    throw new TokenizerError(join(folder, tokenizerName), problem, 'Download the file again.', error);
  }
  return build(library, tokenizer, config);
}

function parse<const S extends v.GenericSchema>(file: string, text: string, schema: S): v.InferOutput<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TokenizerError(file, 'is not valid JSON.', 'Download the file again.');
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const field = v.getDotPath(parsed.issues[0]);
  const problem = field === null ? 'is not an object.' : `has no valid “${field}”.`;
  throw new TokenizerError(
    file,
    `${basename(file) === tokenizerName ? 'is no tokenizer: it ' : ''}${problem}`,
    'Download the file again.',
  );
}

function build(
  library: Library,
  { added_tokens: added }: v.InferOutput<typeof tokenizerSchema>,
  config: v.InferOutput<typeof configSchema>,
): Tokenizer {
  const vocabulary = library.get_vocab();
  const specialIds = new Set(added.filter(({ special }) => special === true).map((one) => one.id));
  const idOf = (content: string): number | null => vocabulary.get(content) ?? null;
  const idIn = (given: v.InferOutput<typeof token>): number | null =>
    given == null ? null : idOf(typeof given === 'string' ? given : given.content);

  const textOf = (ids: readonly number[]): string =>
    // Cleaning up (“ .” to “.”) is for English, and would change code.
    ids.length === 0 ? '' : library.decode([...ids], { clean_up_tokenization_spaces: false });
  const contributes = (options: DecodeOptions | undefined) => (one: number) =>
    library.id_to_token(one) !== undefined && !(options?.skipSpecialTokens !== false && specialIds.has(one));

  return {
    size: [...vocabulary.values()].reduce((size, one) => Math.max(size, one + 1), 0),
    bosId: idIn(config.bos_token),
    eosId: idIn(config.eos_token),
    padId: idIn(config.pad_token),
    specialIds,
    encode(text, options) {
      // The package's own types don't resolve here. What no token stands for has no id.
      const { ids }: { readonly ids: readonly (number | undefined)[] } = library.encode(text, {
        add_special_tokens: options?.addSpecialTokens ?? true,
      });
      return ids.filter((one) => one !== undefined);
    },
    decode: (ids, options) => textOf(ids.filter(contributes(options))),
    idOf,
    stream: (options) => streamOf(textOf, contributes(options)),
  };
}

/**
 * The tokens of the last piece stay in the window: some decoders drop a space at the very start of a text, which then
 * falls into what was given out before. (As vLLM's `detokenize_incrementally` does.)
 */
function streamOf(textOf: (ids: readonly number[]) => string, contributes: (id: number) => boolean): TextStream {
  let window: number[] = [];
  /** How many tokens of the window have been given out, and their text. */
  let given = 0;
  let givenText = '';
  const take = (ends: boolean): string => {
    const text = textOf(window);
    // A text that ends in “�” may be half a character; one that is not longer has not become certain.
    if (!ends && (text.endsWith('�') || text.length <= givenText.length)) return '';
    const piece = text.slice(givenText.length);
    window = window.slice(given);
    given = window.length;
    givenText = textOf(window);
    return piece;
  };
  return {
    push(one) {
      if (!contributes(one)) return '';
      window.push(one);
      return take(false);
    },
    end: () => take(true),
  };
}
