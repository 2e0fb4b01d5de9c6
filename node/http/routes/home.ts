// The front page: says what this is, to whoever opens the address. It holds nothing.
import { createHash } from 'node:crypto';
import { languages } from '../../api/texts/language.ts';
import { text } from '../../api/texts/texts.ts';

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1b2733}' +
  'h1{font-size:1.6rem}section{margin:2rem 0}code{background:#eef2f5;padding:.1rem .3rem;border-radius:3px}';

/** What the content security policy lets the page's style through by. */
export const homeStyleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`;

const code = (path: string): string => `<code>${path}</code>`;
const places = { api: code('/api/v1'), description: code('/api/openapi.json'), web: code('/dicom-web') };

const sections = languages.map((language) => {
  const t = text(language);
  return `<section lang="${language}"><p>${t('home.what')}</p><p>${t('home.how', places)}</p></section>`;
});
export const homePage = `<!doctype html>
<html lang="ro"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>DICOM Network</title><style>${style}</style></head>
<body><h1>DICOM Network</h1>${sections.join('\n')}</body></html>
`;
