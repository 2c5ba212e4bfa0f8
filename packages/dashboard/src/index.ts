export { bundleClient, type ClientBundle } from './bundle.ts';
export type { Report } from './data.ts';
export { fromMetadata, pageKey, type Edition } from './edition.ts';
export { page } from './page.ts';
export type { PublishResult } from './publish.ts';
export { readReport, type ReportOptions } from './report.ts';
