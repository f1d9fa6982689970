/**
 * The devices that speak for a twin: which there are, which of them keeps the list, and how one is shut out.
 *
 * ```ts
 * for await (const device of devices.list({})) assert.deepEqual([device.number, device.keeper], [1, true])
 * const laptop = await devices.rename({ number: 1, name: 'laptop' })
 * assert.equal(laptop.name, 'laptop')
 * ```
 * @packageDocumentation
 */
export { Devices, type DevicesComponents, type DevicesInit } from './devices.ts'
export * from './protocol.ts'
export { devices } from './service.ts'
