/** Reading and writing weights. */
package dev.tilework.io;
