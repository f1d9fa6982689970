import { run } from '../cli/index.ts'

await run()
