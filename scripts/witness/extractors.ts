import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The text that another program finds in a file. */
export interface Extractor {
  /** The programs that it needs. */
  readonly programs: readonly string[];
  /** @throws for a file that it cannot read */
  text(file: string, work: string): Promise<string>;
}

const limits = { timeout: 120_000, maxBuffer: 200_000_000 };

async function output(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, limits);
  return stdout;
}

const pdftotext = (file: string): Promise<string> => output('pdftotext', ['-q', '-enc', 'UTF-8', file, '-']);

const pandoc = (from: string): Extractor => ({
  programs: ['pandoc'],
  text: (file) => output('pandoc', ['-f', from, '-t', 'plain', '--wrap=none', file]),
});

/** pandoc takes pages for UTF-8, whatever they say, and the NUL characters of wider ones for letters. */
const page: Extractor = {
  programs: ['pandoc'],
  async text(file, work) {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
    if (text.includes('\0')) throw new Error('not UTF-8');
    return pandoc('html').text(file, work);
  },
};

/** A file as LibreOffice writes it in another format. */
async function converted(file: string, to: string, work: string): Promise<string[]> {
  const folder = await mkdtemp(join(work, 'office-'));
  const profile = `-env:UserInstallation=file://${join(work, 'profile')}`;
  await run('soffice', [profile, '--headless', '--convert-to', to, '--outdir', folder, file], limits);
  return (await readdir(folder)).map((name) => join(folder, name));
}

/** Slides as they are printed. */
const printed: Extractor = {
  programs: ['soffice', 'pdftotext'],
  async text(file, work) {
    const [made] = await converted(file, 'pdf', work);
    if (made === undefined) throw new Error('not converted');
    return pdftotext(made);
  },
};

/** Every sheet as comma-separated values, as it is shown. */
const sheets: Extractor = {
  programs: ['soffice'],
  async text(file, work) {
    const filter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1';
    const made = await converted(file, filter, work);
    if (made.length === 0) throw new Error('not converted');
    return (await Promise.all(made.map((one) => readFile(one, 'utf8')))).join('\n');
  },
};

const mail = `
import email, email.policy, sys, re, html
def texts(message):
    for name in ('subject', 'from', 'to', 'cc'):
        if message[name]: yield str(message[name])
    for part in message.walk():
        if part.get_content_maintype() == 'text':
            try: text = part.get_content()
            except Exception: continue
            if part.get_content_subtype() == 'html':
                text = re.sub(r'(?is)<(style|script|title).*?</\\1>|<!--.*?-->', ' ', text)
                text = html.unescape(re.sub(r'(?s)</?(b|i|u|em|span|strong|font|a)\\b[^>]*>', '', text))
                text = html.unescape(re.sub(r'(?s)<[^>]*>', ' ', text))
            yield text
sys.stdout.reconfigure(encoding='utf-8', errors='replace')
data = open(sys.argv[1], 'rb').read()
if b'\\0' in data[:100]:
    data = data.decode('utf-16' if data[:1] in b'\\xff\\xfe' else 'utf-16-le' if data[1:2] == b'\\0' else 'utf-16-be').encode()
message = email.message_from_bytes(data, policy=email.policy.default)
print('\\n'.join(texts(message)))
`;

export const extractors: Readonly<Record<string, Extractor>> = {
  '.pdf': { programs: ['pdftotext'], text: pdftotext },
  '.html': page,
  '.docx': pandoc('docx'),
  '.odt': pandoc('odt'),
  '.epub': pandoc('epub'),
  '.ipynb': pandoc('ipynb'),
  '.rst': pandoc('rst'),
  '.md': pandoc('gfm'),
  '.rtf': pandoc('rtf'),
  '.pptx': printed,
  '.odp': printed,
  '.xlsx': sheets,
  '.ods': sheets,
  '.eml': { programs: ['python3'], text: (file) => output('python3', ['-c', mail, file]) },
};

async function isInstalled(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders.some((folder) => existsSync(join(folder, program)));
}

/** Those programs for an ending that this machine lacks. */
export async function lackingFor(ending: string): Promise<string[]> {
  const lacking: string[] = [];
  for (const program of extractors[ending]?.programs ?? []) {
    if (!(await isInstalled(program))) lacking.push(program);
  }
  return lacking;
}

/**
 * The text that the extractor for a file's ending finds, kept in a folder for the next time; undefined where it cannot
 * read the file.
 */
export async function extracted(file: string, kept: string): Promise<string | undefined> {
  const extractor = extractors[extname(file).toLowerCase()];
  if (!extractor) return undefined;
  const digest = createHash('sha256').update(await readFile(file));
  const known = join(kept, `${digest.digest('hex').slice(0, 32)}${extname(file).toLowerCase()}.txt`);
  const failed = `${known}.failed`;
  if (existsSync(failed)) return undefined;
  if (existsSync(known)) return readFile(known, 'utf8');
  const work = join(kept, 'work');
  await mkdir(work, { recursive: true });
  try {
    const text = await extractor.text(file, work);
    await writeFile(known, text);
    return text;
  } catch (error) {
    await writeFile(failed, `${basename(file)}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  } finally {
    for (const name of await readdir(work)) {
      if (name.startsWith('office-')) await rm(join(work, name), { recursive: true, force: true });
    }
  }
}
