/** A root hook for runs with `--retries`: a second try is seen in the output. */
export const mochaHooks = {
  beforeEach(this: Mocha.Context): void {
    const { currentTest } = this
    // Not in the types; mocha counts tries from 0
    const tries = (currentTest as unknown as { currentRetry(): number }).currentRetry()
    if (tries > 0) console.log(`      again, after it failed once: ${currentTest?.title}`)
  }
}
