import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pipeline } from '@huggingface/transformers';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';

const script = fileURLToPath(new URL('../../models/make/make.py', import.meta.url));
const text = fileURLToPath(new URL('../../../shared/data/text', import.meta.url));
/** A folder with all-MiniLM-L6-v2 as safetensors; see models/make/README.md. */
const teacher = process.env['HYDROGEN_TEACHER'];
const python = process.env['HYDROGEN_PYTHON'] ?? 'python3';

function missing(): string | undefined {
  if (!teacher || !existsSync(teacher)) return 'HYDROGEN_TEACHER names no folder with the teacher';
  if (!existsSync(text)) return 'there is no training text in ../shared/data/text';
  const { status } = spawnSync(python, ['-c', 'import torch, onnx, onnxruntime, tokenizers, safetensors']);
  return status === 0 ? undefined : `${python} has not the packages of models/make/requirements.txt`;
}

const reason = missing();

test.skipIf(reason !== undefined)(
  `a model is made from 1 % of the text, and loads${reason ? ` (skipped: ${reason})` : ''}`,
  { timeout: 300_000 },
  async () => {
    const out = await temporaryDirectory();
    const made = spawnSync(
      python,
      [
        script,
        ...['--teacher', teacher ?? '', '--text', text, '--out', out],
        ...['--sample', '0.01', '--tokens', '40000'],
      ],
      { encoding: 'utf8' },
    );

    expect(made.stderr).not.toMatch(/Error/);
    const ranks = made.stdout.match(/student before training ([\d.]+)[\s\S]*ONNX ([\d.]+)/);
    expect(Number(ranks?.[2])).toBeGreaterThan(Number(ranks?.[1]));
    expect(statSync(join(out, 'onnx/model_quantized.onnx')).size).toBeLessThan(10_000_000);
    const embed = await pipeline('feature-extraction', out, { dtype: 'q8' });
    const { dims } = await embed('green hydrogen', { pooling: 'mean', normalize: true });
    expect(dims).toEqual([1, 384]);
    await embed.dispose();
  },
);
