// The front page: says what this is, to whoever opens the address. It holds nothing.
import { createHash } from 'node:crypto';

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1b2733}' +
  'h1{font-size:1.6rem}section{margin:2rem 0}code{background:#eef2f5;padding:.1rem .3rem;border-radius:3px}';

/** What the content security policy lets the page's style through by. */
export const homeStyleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`;

const texts = [
  {
    lang: 'ro',
    what: 'Acesta este un nod DICOM Network: spitalul își păstrează aici studiile imagistice și le schimbă, criptat, cu alte spitale.',
    how: 'API-ul este la <code>/api/v1</code>, descrierea lui la <code>/api/openapi.json</code>, DICOMweb la <code>/dicom-web</code>. Toate cer autentificare.',
  },
  {
    lang: 'ru',
    what: 'Это узел DICOM Network: больница хранит здесь свои исследования и обменивается ими с другими больницами в зашифрованном виде.',
    how: 'API — по адресу <code>/api/v1</code>, его описание — <code>/api/openapi.json</code>, DICOMweb — <code>/dicom-web</code>. Везде нужна авторизация.',
  },
  {
    lang: 'en',
    what: 'This is a DICOM Network peer: the hospital keeps its imaging studies here and exchanges them, encrypted, with other hospitals.',
    how: 'The API is at <code>/api/v1</code>, its description at <code>/api/openapi.json</code>, DICOMweb at <code>/dicom-web</code>. All of them need a token.',
  },
];

const sections = texts.map(({ lang, what, how }) => `<section lang="${lang}"><p>${what}</p><p>${how}</p></section>`);
export const homePage = `<!doctype html>
<html lang="ro"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>DICOM Network</title><style>${style}</style></head>
<body><h1>DICOM Network</h1>${sections.join('\n')}</body></html>
`;
