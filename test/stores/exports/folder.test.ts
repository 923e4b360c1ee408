import { createExportsFolder } from '../../../src/stores/documents/export/exports-folder.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { exportsContract } from './contract.ts';

exportsContract({
  name: 'folder',
  async open(processes, maxTotalBytes) {
    const directory = await temporaryDirectory();
    return Array.from({ length: processes }, () => createExportsFolder(directory, maxTotalBytes));
  },
});
