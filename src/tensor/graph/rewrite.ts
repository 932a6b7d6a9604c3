/** Replacing nodes of a finished graph by others that compute the same: for what an execution provider can't do, or does badly. */
import { Graph, type Node } from './graph.ts';

/** Nodes that make the same outputs as `node`; null: it stays. Added constants go to `graph`. */
export type Rule = (node: Node, graph: Graph) => readonly Node[] | null;

/** What `build` adds to `graph`, taken out of it again. */
export function nodesOf(graph: Graph, build: () => void): readonly Node[] {
  const before = graph.nodes.length;
  graph.withoutTape(build);
  return graph.nodes.splice(before);
}

/** The graph with every rule applied to every node, bodies of loops included; `graph` itself stays as it is. */
export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    for (const rule of rules) {
      const replaced = rule(node, graph);
      if (replaced) return replaced;
    }
    const bodies = Object.entries(node.attributes).filter(([, value]) => value instanceof Graph);
    if (bodies.length === 0) return [node];
    const rewritten = bodies.map(([name, body]) => [name, rewrite(body as Graph, rules)] as const);
    return [{ ...node, attributes: { ...node.attributes, ...Object.fromEntries(rewritten) } }];
  });
  return graph.withNodes(nodes);
}
