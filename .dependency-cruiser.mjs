/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'stages-meet-through-the-log',
      comment:
        'ingest, transform, load, verify and rates know core and nothing of each other: each can run, fail and be replaced alone.',
      severity: 'error',
      from: { path: '^packages/(ingest|transform|load|verify|rates)/src' },
      to: { path: '^packages/(?!core/)([^/]+)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'replay-composes-what-rebuilds',
      comment:
        'A replay is transform and load over the whole lake, while nobody reads the result: it needs both, and no database but the warehouse.',
      severity: 'error',
      from: { path: '^packages/replay/' },
      to: { path: '^packages/(?!(core|transform|load|replay)/)' },
    },
    {
      name: 'the-report-knows-the-warehouse-alone',
      comment: 'The dashboard reads the warehouse as any other client would: it needs core, and nothing of the stages.',
      severity: 'error',
      from: { path: '^packages/dashboard/' },
      to: { path: '^packages/(?!(core|dashboard)/)' },
    },
    {
      name: 'the-page-runs-in-a-browser',
      comment:
        'What the page carries has no Node.js around it; of the rest of its package it needs the types of the data.',
      severity: 'error',
      from: { path: '^packages/dashboard/client/' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|path)|^packages/(?!dashboard/(client/|src/data[.]ts$))' },
    },
    {
      name: 'core-imports-nobody',
      comment: 'core is the vocabulary that all share; an import from it would tie the stages together.',
      severity: 'error',
      from: { path: '^packages/core/src' },
      to: { path: '^packages/(?!core/)' },
    },
    {
      name: 'nobody-imports-the-command-line',
      comment: 'The command line composes the stages; a Lambda bundle must not carry it.',
      severity: 'error',
      from: { path: '^packages/(?!cli/)' },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'packages-are-entered-by-their-index',
      comment: 'What a package promises is what its index exports; everything else may change.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src', pathNot: '[.]test[.]ts$' },
      to: {
        path: '^packages/([^/]+)/src/(?!index[.]ts$)',
        pathNot: ['^packages/$1/', '^packages/core/src/lambda/index[.]ts$'],
      },
    },
    {
      name: 'functions-alone-tell-lambda',
      comment:
        'core has a second entry, for what makes a stage a Lambda function: logs and metrics by Powertools. The command line would load them for nothing, and a use case says by its result what there is to tell.',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: '^packages/(core/src/lambda/|[^/]+/src/(handler|observation)[.]ts$)|[.]test[.]ts$',
      },
      to: { path: '^packages/core/src/lambda/|node_modules/@aws-lambda-powertools/' },
    },
    {
      name: 'only-the-container-builds-clients',
      comment: 'handler → container → use case: a use case gets its clients, so that a test can give it others.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src', pathNot: '((container|handler)|[.]test)[.]ts$' },
      to: { path: '(container|handler)[.]ts$' },
    },
    {
      name: 'pure-star',
      comment: 'The star builders are pure functions of what they are given: no file, network or database.',
      severity: 'error',
      from: { path: '^packages/(transform/src/star|core/src/tables)/', pathNot: '[.]test[.]ts$' },
      to: { path: '^(node:)?(fs|net|http|https|child_process)|node_modules/(pg|@aws-sdk)/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle has no first file to read.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing uses is dead.',
      severity: 'error',
      from: { orphan: true, path: '/(src|client)/', pathNot: '[.](test|d)[.]ts$|/client/main[.]ts$' },
      to: {},
    },
    {
      name: 'declared-dependencies',
      comment: 'An import that package.json does not name works here and breaks elsewhere.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
