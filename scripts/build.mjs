// npm run build: dist/ from src/ and client/, only when they changed.
import { prepare } from './bootstrap.mjs';

process.exit((await prepare()) ? 0 : 1);
