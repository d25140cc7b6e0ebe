// SPDX-License-Identifier: MPL-2.0

export { type EngineFigures, engineMetrics } from './engine-metrics';
export { exposition } from './exposition';
export { MetricsKeeper } from './metrics-keeper';
export { type PacketCounts, PacketMetrics } from './packet-metrics';
