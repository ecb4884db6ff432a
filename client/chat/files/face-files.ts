import type { ConclaveError } from '../../sdk/errors.ts';
import type { FileSink, FileSource } from '../../sdk/files/file-source.ts';

/** Files of the machine that a face is on. Everything rejects with ConclaveError. */
export interface FaceFiles {
  /** What somebody named, or is asked for, if the face can ask: it rejects with `usage` if it can not. Undefined: nothing. */
  choose(path: string | undefined): Promise<ChosenFile | undefined>;
  /** A new file for one of this name, which others chose: at `path`, which may be a folder, or where such files go. Never over another one. */
  saving(name: string, path: string | undefined): Promise<FileTarget>;
  /** A new file for one of this name that nobody else can read, and that goes when the client ends. */
  opening(name: string): Promise<FileTarget>;
  /** Starts the program for the kind of a file that was kept, or what else the machine opens by a text. */
  open(what: string, failed: (error: ConclaveError) => void): void;
  /** What a path that begins like this may become; folders end with a slash. */
  paths(beginning: string): Promise<readonly string[]>;
}

/** A file that may be sent, also again. */
export interface ChosenFile {
  readonly name: string;
  /** A media type. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  open(): Promise<OpenFile>;
}

export interface OpenFile extends FileSource {
  close(): Promise<void>;
}

export interface FileTarget extends FileSink {
  /** What it will be called, or may be with a number; no path. */
  readonly name: string;
  /** It is whole. Where it is now, for people and for open(). */
  keep(): Promise<string>;
  /** Without keep() before, what was written is removed. */
  close(): Promise<void>;
}
