import { titleText, type ExportError, type Language } from '@waybill/errors';

/** What a person sees who followed a link that leads to no file: the same words as the problem, on a page. */
export function problemPage(error: ExportError, language: Language): string {
  const title = escapeHtml(titleText(error.code, language));
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; box-sizing: border-box;
    font: 16px/1.5 -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
    background: light-dark(#f2f4f7, #101418); color: light-dark(#17202a, #eef2f6); }
  main { max-width: 520px; padding: 28px 32px; border-radius: 10px; border: 1px solid light-dark(#d9dfe6, #303944);
    background: light-dark(#fff, #1a2027); }
  h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.3; }
  p { margin: 0; color: light-dark(#475467, #a3b0bf); }
</style>
</head>
<body><main><h1>${title}</h1><p>${escapeHtml(error.detail(language))}</p></main></body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
