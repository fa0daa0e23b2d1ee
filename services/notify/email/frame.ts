/**
 * Renders every email as HTML and as plain text. The HTML uses tables and inline styles, because Outlook and Gmail support
 * little else, and one <style> block for newer clients (narrow screens, dark mode). It has no image and no web font:
 * opening the email fetches nothing, so nobody learns that it was opened.
 */
import escapeHtml from 'escape-html';
import type { Fact } from './facts.ts';

/** An email without its envelope. */
export interface Message {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

export interface Frame {
  readonly subject: string;
  readonly language: string;
  readonly title: string;
  /** What the list of emails shows next to the subject. */
  readonly preview: string;
  /** Colour of the bar on top. */
  readonly tone: 'good' | 'bad' | 'quiet';
  readonly paragraphs: readonly string[];
  readonly action: { readonly label: string; readonly url: string; readonly note?: string };
  readonly fallback: string;
  readonly facts: readonly Fact[];
  readonly receipt?: { readonly title: string; readonly explain: string; readonly facts: readonly Fact[] };
  readonly footer: string;
}

const tones = { good: '#0f766e', bad: '#b42318', quiet: '#475467' } as const;
const font = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
const textFont = `${font};font-size:14px`;
const codeFont = "font-family:Consolas,Menlo,'Liberation Mono',monospace;font-size:12px";

const styles = `
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  body { margin: 0; padding: 0; }
  a { color: #0f766e; }
  summary { cursor: pointer; }
  @media (max-width: 520px) {
    .outer { padding: 0 !important; }
    .card { border-radius: 0 !important; border-left: 0 !important; border-right: 0 !important; }
    .pad { padding-left: 20px !important; padding-right: 20px !important; }
    .label, .value { display: block !important; width: auto !important; }
    .label { padding-bottom: 0 !important; border-bottom: 0 !important; }
    .value { padding-top: 2px !important; }
    .button { display: block !important; text-align: center !important; }
  }
  @media (prefers-color-scheme: dark) {
    .page { background-color: #101418 !important; }
    .card { background-color: #1a2027 !important; border-left-color: #303944 !important;
      border-right-color: #303944 !important; border-bottom-color: #303944 !important; }
    .ink, .value { color: #eef2f6 !important; }
    .soft, .label { color: #a3b0bf !important; }
    .label, .value, .rule { border-color: #303944 !important; }
    .link { color: #5eead4 !important; }
  }`;

/** Renders an email. The same frame gives the same bytes. */
export function renderMessage(frame: Frame): Message {
  return { subject: frame.subject, html: renderHtml(frame), text: renderText(frame) };
}

function renderHtml(frame: Frame): string {
  const { action } = frame;
  const note = action.note === undefined ? '' : paragraph(action.note, 'soft', 13);
  return `<!doctype html>
<html lang="${frame.language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(frame.title)}</title>
<style>${styles}
</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f2f4f7">
<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(frame.preview)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="page" style="background-color:#f2f4f7">
<tr><td align="center" class="outer" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" class="card" style="max-width:600px;background-color:#ffffff;border:1px solid #d9dfe6;border-radius:10px;border-top:5px solid ${tones[frame.tone]}">
<tr><td class="pad" style="padding:28px 32px 4px">
<h1 class="ink" style="margin:0 0 16px;${font};font-size:22px;line-height:1.3;color:#17202a">${escapeHtml(frame.title)}</h1>
${frame.paragraphs.map((text) => paragraph(text, 'ink', 15)).join('\n')}
<p style="margin:22px 0 14px"><a href="${escapeHtml(action.url)}" class="button" style="display:inline-block;background-color:${tones[frame.tone]};color:#ffffff;${font};font-size:16px;font-weight:600;line-height:1.2;text-decoration:none;padding:14px 24px;border-radius:8px">${escapeHtml(action.label)}</a></p>
${note}
</td></tr>
<tr><td class="pad" style="padding:8px 32px 20px">
${factTable(frame.facts)}
${receiptHtml(frame)}
</td></tr>
<tr><td class="pad rule" style="padding:16px 32px 24px;border-top:1px solid #e4e8ee">
<p class="soft" style="margin:0 0 8px;${font};font-size:12px;line-height:1.5;color:#5b6776">${escapeHtml(frame.fallback)}<br><a class="link" href="${escapeHtml(action.url)}" style="color:#0f766e;word-break:break-all">${escapeHtml(action.url)}</a></p>
<p class="soft" style="margin:0;${font};font-size:12px;line-height:1.5;color:#5b6776">${escapeHtml(frame.footer)}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

function paragraph(text: string, tone: 'ink' | 'soft', pixels: number): string {
  const color = tone === 'ink' ? '#17202a' : '#5b6776';
  return `<p class="${tone}" style="margin:0 0 12px;${font};font-size:${pixels}px;line-height:1.5;color:${color}">${escapeHtml(text)}</p>`;
}

function factTable(facts: readonly Fact[]): string {
  const rows = facts.map(
    ({ label, lines, isCode }) => `<tr>
<th scope="row" align="left" valign="top" class="label" style="width:32%;padding:8px 12px 8px 0;border-bottom:1px solid #e4e8ee;${font};font-size:14px;font-weight:400;line-height:1.45;color:#5b6776">${escapeHtml(label)}</th>
<td valign="top" class="value" style="padding:8px 0;border-bottom:1px solid #e4e8ee;${isCode === true ? codeFont : textFont};line-height:1.45;color:#17202a;overflow-wrap:anywhere;word-break:break-word">${lines.map((line) => escapeHtml(line)).join('<br>')}</td>
</tr>`,
  );
  return `<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">${rows.join('\n')}</table>`;
}

/** Collapsed where the email client supports <details>, open where it does not. */
function receiptHtml(frame: Frame): string {
  if (frame.receipt === undefined) return '';
  const { title, explain, facts } = frame.receipt;
  return `<details style="margin:20px 0 0">
<summary class="link" style="${font};font-size:15px;font-weight:600;color:#0f766e">${escapeHtml(title)}</summary>
<div style="padding:10px 0 0">${paragraph(explain, 'soft', 13)}${factTable(facts)}</div>
</details>`;
}

/** The same content for clients that show no HTML. */
function renderText(frame: Frame): string {
  const { action, receipt } = frame;
  const lines = [
    frame.title,
    '',
    ...frame.paragraphs.flatMap((paragraph) => [paragraph, '']),
    `${action.label}: ${action.url}`,
    ...(action.note === undefined ? [] : [action.note]),
    '',
    ...factLines(frame.facts),
  ];
  if (receipt !== undefined) {
    lines.push('', receipt.title, receipt.explain, ...factLines(receipt.facts));
  }
  return `${[...lines, '', '--', frame.footer].join('\n')}\n`;
}

function factLines(facts: readonly Fact[]): readonly string[] {
  return facts.flatMap(({ label, lines }) => {
    const [first, ...rest] = lines;
    return [`${label}: ${first ?? ''}`, ...rest.map((line) => `  ${line}`)];
  });
}
