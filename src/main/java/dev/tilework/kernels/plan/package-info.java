/**
 * What devices that launch kernels share in turning an operation into launches: functions of shapes
 * alone.
 */
package dev.tilework.kernels.plan;
