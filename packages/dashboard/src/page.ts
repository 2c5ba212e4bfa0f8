import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { ClientBundle } from './bundle.ts';
import type { Report } from './data.ts';
import { chapters, type Chapter, type Section } from './sections.ts';

/**
 * The page as one HTML file that needs nothing else: no request leaves it, and its Content-Security-Policy sees to that.
 * The same report and bundle give the same bytes.
 */
export function page(report: Report, { script, style }: ClientBundle): string {
  // A script that held this would end there; in JavaScript's strings and regular expressions it means the same.
  const safeScript = script.replaceAll('</script', '<\\/script');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${createHash('sha256').update(safeScript).digest('base64')}'`,
    // Charts are drawn with style attributes.
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Totesys: sales, purchases and payments</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header class="top">
<div class="bar">
<h1>Totesys</h1>
<p id="fresh" class="fresh"></p>
</div>
</header>
<form class="filters" id="filters" aria-label="Filters">
<div class="bar">
<label>Currency <select id="currency"></select></label>
<label>Dates <select id="preset"></select></label>
<label>From <input type="date" id="from"></label>
<label>To <input type="date" id="to"></label>
</div>
</form>
<main id="main" tabindex="-1">
<noscript><p class="note">This page adds its figures up in the browser: it needs JavaScript.</p></noscript>
<p id="problem" class="note" role="alert" hidden></p>
<p id="showing" class="showing" role="status"></p>
<section aria-label="Headline figures"><dl id="headline" class="headline"></dl></section>
${chapters.map((chapter) => chapterHtml(chapter, report)).join('\n')}
</main>
<footer class="bar"><p>Written ${escape(report.writtenAt.slice(0, 16).replace('T', ' '))} UTC from warehouse schema
<code>${escape(report.schema)}</code>. Charts: Apache ECharts (Apache License 2.0).</p></footer>
<script type="application/octet-stream" id="data">${gzipSync(JSON.stringify(report), { level: 9 }).toString('base64')}</script>
<script type="module">${safeScript}</script>
</body>
</html>
`;
}

const chapterHtml = (
  { id, title, sections }: Chapter,
  report: Report,
): string => `<section aria-labelledby="${id}-title">
<h2 id="${id}-title">${escape(title)}</h2>
<div class="cards">
${sections.map((section) => sectionHtml(section, report)).join('\n')}
</div>
</section>`;

const sectionHtml = ({ id, title, about, sql, wide }: Section, { sql: texts }: Report): string =>
  `<section class="card${wide ? ' wide' : ''}" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${escape(title)}</h3>
<p class="about">${escape(about)}</p>
<div class="controls"></div>
<p class="says"></p>
<div class="chart"></div>
<details class="data"><summary>Figures<span class="hidden">: ${escape(title)}</span></summary><div class="scroll" tabindex="0" role="region" aria-label="Figures: ${escape(title)}"></div></details>
<details class="sql"><summary>SQL <code>${sql}.sql</code></summary><pre tabindex="0">${escape(texts[sql] ?? '')}</pre></details>
</section>`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string): string => text.replace(/[&<>"]/g, (each) => entities[each]!);
