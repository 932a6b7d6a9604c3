/** A continuation of the text before the cursor. */
export interface Prediction {
  /** Begins at the cursor; indented and spaced as it should stand in the file. */
  readonly text: string;
  /** How likely the user would go on with exactly this, 0 to 1; calibrated on held-out files. */
  readonly probability: number;
}

export interface PredictQuery {
  /** The file's text before and after the cursor; all of it, or what is at hand. */
  readonly prefix: string;
  readonly suffix: string;
  readonly languageId: string;
  /** Path inside the workspace; its own old text isn't used, since prefix and suffix are newer. */
  readonly file: string;
  /** Most lines in one prediction. */
  readonly maxLines: number;
  /** Most predictions. */
  readonly count: number;
}
