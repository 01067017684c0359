/** Milliseconds that this process has computed for. Unlike the clock's, they do not grow while other work has the machine. */
export const processorTime = (): number => process.cpuUsage().user / 1000
