/** A folder that cannot be a camera: for whoever named it to change. */
export class FolderError extends RangeError {
  override readonly name = "FolderError";
}
