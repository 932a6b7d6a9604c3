import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded, standardNormal } from '../../../tensor/random.ts';
import { dot } from '../cholesky.ts';
import { featureExtractor } from './features.ts';
import { fitProjection, type Projection, projected, projectedBlocks, rewardProjection } from './projection.ts';

const blocks = [
  { name: 'bias', start: 0, end: 1 },
  { name: 'named', start: 1, end: 3 },
  { name: 'edit', start: 3, end: 27 },
];
const size = 24;

const columnsOf = ({ shape: [, kept], directions }: Projection) =>
  Array.from({ length: kept }, (_, i) => directions.filter((_, at) => at % kept === i));

/** Candidates of a place share what it is about, which is strong; they differ by two styles, which are weak. */
function places(count: number) {
  const random = seeded(8);
  const normal = () => standardNormal(random);
  const styles = [0, 1].map(() => Float64Array.from({ length: size }, normal));
  const rows = Array.from({ length: count }, () => {
    const topic = Float64Array.from({ length: size }, () => 5 * normal());
    return [0, 1, 2].map(() => {
      const [a, b] = [normal(), normal()];
      return Float64Array.of(1, a, 2, ...topic.map((value, i) => value + a * styles[0]![i]! + b * styles[1]![i]!));
    });
  });
  return { rows, styles };
}

test('what candidates of one place differ in is kept, however strong what they share is', () => {
  const { rows, styles } = places(60);
  const projection = fitProjection(rows, blocks, { kept: 2, scale: 0.5 });
  for (const style of styles) {
    const row = projected(projection, Float64Array.of(0, 0, 0, ...style)).subarray(3);
    const [first, second] = columnsOf(projection);
    const stretch = dot(first!, first!);
    assert.ok(Math.abs(dot(first!, second!)) < 1e-6 * stretch, 'directions are at right angles');
    const share = dot(row, row) / stretch / dot(style, style);
    assert.ok(share > 0.99, `${share} of a style is kept`);
  }
});

test('rows are of the order of 1; the bias goes through, the named ones scaled', () => {
  const { rows } = places(40);
  const projection = fitProjection(rows, blocks, { kept: 4, scale: 0.5 });
  const all = rows.flat().map((row) => projected(projection, row));
  assert.deepEqual([...all[0]!.subarray(0, 3)], [1, 0.5 * rows[0]![0]![1]!, 1]);
  const squares = all.reduce((sum, row) => sum + dot(row.subarray(3), row.subarray(3)), 0) / all.length;
  assert.ok(squares > 1 && squares < 4, `${squares}`);
  assert.deepEqual(projectedBlocks(blocks, projection).at(-1), { name: 'edit', start: 3, end: 7 });
  assert.equal(all[0]!.length, 7);
});

test('it is linear, so that a pair’s difference is projected as its two candidates are', () => {
  const { rows } = places(5);
  const projection = fitProjection(rows, blocks, { kept: 6, scale: 1 });
  const [a, b] = [rows[0]![0]!, rows[3]![1]!];
  const apart = projected(
    projection,
    a.map((value, i) => value - b[i]!),
  );
  const [left, right] = [projected(projection, a), projected(projection, b)];
  apart.forEach((value, i) => {
    assert.ok(Math.abs(value - (left[i]! - right[i]!)) < 1e-9);
  });
});

test('without any row, or with fewer than directions, it folds: different rows stay different', () => {
  for (const count of [0, 1]) {
    const { rows } = places(count);
    const projection = fitProjection(rows, blocks, { kept: 8, scale: 1 });
    const columns = columnsOf(projection);
    columns.forEach((one, i) => {
      assert.ok(dot(one, one) > 1e-3);
      assert.ok(columns.slice(0, i).every((other) => Math.abs(dot(one, other)) < 1e-5 * dot(one, one)));
    });
  }
  // Of nothing: elements 0 and 8 are one, 0 and 1 are not.
  const projection = fitProjection([], blocks, { kept: 8, scale: 1 });
  const element = (at: number) =>
    projected(
      projection,
      Float64Array.from({ length: 27 }, (_, i) => (i === at + 3 ? 1 : 0)),
    );
  const same = (one: Float64Array, other: Float64Array) => one.every((value, i) => Math.abs(value - other[i]!) < 1e-6);
  assert.ok(same(element(0), element(8)) && !same(element(0), element(1)));
});

test('the same places give the same numbers; other features are refused', () => {
  const { rows } = places(12);
  const again = () => fitProjection(rows, blocks, { kept: 3, scale: 1 });
  assert.deepEqual(again(), again());
  assert.throws(() => projected(again(), new Float64Array(28)), /28 features, the projection 27/);
});

test('without any place the embedding is folded: element i onto direction i mod what is kept', () => {
  const projection = fitProjection([], blocks, { kept: 5, scale: 0.5 });
  const columns = columnsOf(projection);
  const length = Math.hypot(...columns[0]!);
  for (const [i, column] of columns.entries()) {
    assert.ok(Math.abs(Math.hypot(...column) - length) < 1e-6);
    for (const [j, value] of column.entries()) assert.equal(value > 0, j % 5 === i);
  }
  const row = projected(projection, Float64Array.of(1, 2, 3, ...Array.from({ length: size }, (_, j) => j)));
  assert.deepEqual([...row.subarray(0, 3)], [1, 1, 1.5]);
  // 0 + 5 + 10 + 15 + 20
  assert.ok(Math.abs(row[3]! - (50 * length) / Math.sqrt(5)) < 1e-4, `${row[3]}`);
});

test('it fits what the extractor gives', () => {
  const { names, blocks: all } = featureExtractor();
  const random = seeded(3);
  const rows = Array.from({ length: 40 }, () => [0, 1].map(() => Float64Array.from(names, () => random() - 0.5)));
  const projection = fitProjection(rows, all, rewardProjection);
  assert.equal(projected(projection, rows[0]![0]!).length, all.at(-1)!.start + rewardProjection.kept);
});
