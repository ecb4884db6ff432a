// Installs what only bench/delivery.ts needs: the other chat servers that it measures.
import { installPackages } from './bootstrap.mjs';

process.exit((await installPackages('bench')) ? 0 : 1);
