/** Replacing nodes of a finished graph by others that compute the same: for what an execution provider can't do, or does badly. */
import { Graph, type Node } from './graph.ts';

/** Other nodes that make the outputs of `nodes`, which are all of `graph`, a root or a loop's body. Constants it adds go to `graph`. */
export type Rewrite = (nodes: readonly Node[], graph: Graph) => readonly Node[];

/** A rewrite that looks at one node at a time; null: it stays. */
export const eachNode =
  (rule: (node: Node, graph: Graph) => readonly Node[] | null): Rewrite =>
  (nodes, graph) =>
    nodes.flatMap((node) => rule(node, graph) ?? [node]);

/** What `build` adds to `graph`, taken out of it again. */
export function nodesOf(graph: Graph, build: () => void): readonly Node[] {
  const before = graph.nodes.length;
  graph.withoutTape(build);
  return graph.nodes.splice(before);
}

/** The graph after all rewrites in order, bodies of loops included; `graph` itself stays as it is. */
export function rewrite(graph: Graph, rewrites: readonly Rewrite[]): Graph {
  if (rewrites.length === 0) return graph;
  const nodes = rewrites.reduce<readonly Node[]>((all, change) => change(all, graph), graph.nodes);
  return graph.withNodes(
    nodes.map((node) => {
      const bodies = Object.entries(node.attributes).filter(([, value]) => value instanceof Graph);
      if (bodies.length === 0) return node;
      const changed = bodies.map(([name, body]) => [name, rewrite(body as Graph, rewrites)] as const);
      return { ...node, attributes: { ...node.attributes, ...Object.fromEntries(changed) } };
    }),
  );
}
