/**
 * TRL's conversational formats as its documentation gives them (docs/source/dataset_formats.md): unpaired preference, preference
 * with an explicit prompt, prompt-only. Extra columns must have one type on all lines.
 */
import * as v from 'valibot';

const message = <const R extends readonly string[]>(roles: R) =>
  v.strictObject({ role: v.picklist(roles), content: v.string() });
/** A chat template puts the model's turn behind it: the last one to speak is the user. */
const Prompt = v.pipe(
  v.array(message(['system', 'user', 'assistant'])),
  v.minLength(1),
  v.check((messages) => messages.at(-1)!.role === 'user'),
);
const Said = v.pipe(v.array(message(['assistant'])), v.length(1));
const Metadata = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ group: v.pipe(v.string(), v.minLength(1)), kind: v.picklist(['inline', 'edit']), at: v.number() }),
);
const common = { id: v.string(), prompt: Prompt, episode_id: v.string(), metadata: Metadata };
const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

export const Kto = v.strictObject({ ...common, completion: Said, label: v.boolean(), score: Share });
export const Dpo = v.strictObject({ ...common, chosen: Said, rejected: Said, margin: Share });
export const PromptOnly = v.strictObject(common);

/** Every line of a file, checked. */
export function linesIn<const S extends v.GenericSchema>(content: string, schema: S): v.InferOutput<S>[] {
  const lines = content.split('\n');
  if (lines.pop() !== '') throw new Error('The last line has no end.');
  return lines.map((line) => v.parse(schema, JSON.parse(line)));
}
