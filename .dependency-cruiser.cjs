// The one dependency rule of the project (README, "For contributors"): arrows point one way, a tool checks it.
//   protocol <- tensor <- engine <- lab        client -> protocol        webview-ui -> protocol
//   inside engine: memory, models, feedback <- learn <- suggest <- agent
const only = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to });
module.exports = {
  forbidden: [
    only('no-cycles', '^(src|webview-ui)/', { circular: true }),
    only('protocol-imports-nothing', '^src/protocol/', { path: '^(src/(?!protocol/)|webview-ui|test)' }),
    only('tensor-imports-protocol', '^src/tensor/', { path: '^(src/(?!protocol/|tensor/)|webview-ui)' }),
    only('engine-below-lab-and-client', '^src/engine/', { path: '^(src/(lab|client|extension\\.ts)|webview-ui)' }),
    only('client-imports-protocol', '^src/(client/|extension\\.ts)', {
      path: '^(src/(?!protocol/|client/|extension\\.ts)|webview-ui)',
      pathNot: '^src/extension\\.ts',
    }),
    only('webview-imports-protocol', '^webview-ui/', { path: '^src/(?!protocol/)' }),
    only('vscode-only-in-client', '^(?!src/client/|src/extension\\.ts|test/vscode/)', {
      path: '^(vscode|node_modules/@types/vscode)(/|$)',
    }),
    only('memory-models-feedback-at-the-bottom', '^src/engine/(memory|models|feedback)/', {
      path: '^src/engine/(learn|suggest|agent)/',
    }),
    only('memory-is-alone', '^src/engine/memory/', { path: '^src/engine/(models|feedback)/' }),
    only('models-is-alone', '^src/engine/models/', { path: '^src/engine/(memory|feedback)/' }),
    only('feedback-is-alone', '^src/engine/feedback/', { path: '^src/engine/(memory|models)/' }),
    only('learn-below-suggest', '^src/engine/learn/', { path: '^src/engine/(suggest|agent)/' }),
    only('suggest-below-agent', '^src/engine/suggest/', { path: '^src/engine/agent/' }),
    only('no-tests-in-the-product', '\\.(ts|mjs)$', { path: '\\.test\\.ts$' }),
    only('nothing-imports-a-missing-module', '.*', { couldNotResolve: true, pathNot: '^(vscode|bun:.*)$' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
