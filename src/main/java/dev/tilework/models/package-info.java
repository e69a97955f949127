/** Networks known from the literature, by name. */
package dev.tilework.models;
