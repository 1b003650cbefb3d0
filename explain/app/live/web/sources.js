// What stands before the camera: a sample, a photo of the visitor's own, or the webcam. Nothing leaves the browser.

const MOST_PIXELS = 40e6;

/** An error whose message is a sentence for the visitor. */
export class Sentence extends Error {}

/** A photo of ours, by its address. */
export async function fromAddress(address) {
  const image = new Image();
  image.src = address;
  await image.decode().catch(() => { throw new Sentence("this sample is missing on the server"); });
  return { draw: image, width: image.naturalWidth, height: image.naturalHeight, moving: false };
}

/** A file of the visitor's: a picture, as far as this browser reads its format. */
export async function fromFile(file) {
  const name = file.name.slice(0, 60);
  const size = await pixelsOf(file);
  if (size > MOST_PIXELS) {
    throw new Sentence(`${name}: ${Math.round(size / 1e6)} megapixels are more than the ${MOST_PIXELS / 1e6} that this page reads; make it smaller first.`);
  }
  let image;
  try {
    image = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    const heic = /\.(heic|heif)$/i.test(file.name) || /hei[cf]/.test(file.type);
    throw new Sentence(heic
      ? `${name}: this browser does not read HEIC; save the photo as JPEG, or choose “most compatible” in the phone's camera settings.`
      : `${name}: this is no picture that the browser can read; give a JPEG, PNG or WebP.`);
  }
  if (image.width * image.height > MOST_PIXELS) {
    image.close();
    throw new Sentence(`${name}: more than ${MOST_PIXELS / 1e6} megapixels; make it smaller first.`);
  }
  return { draw: image, width: image.width, height: image.height, moving: false };
}

/** Pixels of a JPEG or PNG by its header, before it takes four bytes for each; 0 where that is not known. */
export async function pixelsOf(file) {
  const bytes = new DataView(await file.slice(0, 1 << 19).arrayBuffer());
  if (bytes.byteLength > 24 && bytes.getUint32(0) === 0x89504e47) return bytes.getUint32(16) * bytes.getUint32(20);
  if (bytes.byteLength < 4 || bytes.getUint16(0) !== 0xffd8) return 0;
  for (let at = 2; at + 9 < bytes.byteLength;) {
    const marker = bytes.getUint16(at);
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) {
      return bytes.getUint16(at + 5) * bytes.getUint16(at + 7);
    }
    at += 2 + bytes.getUint16(at + 2);
  }
  return 0;
}

const REFUSED = {
  NotAllowedError: "The browser was not allowed to use the webcam: allow it in the address bar, or take a photo or a sample.",
  NotFoundError: "There is no webcam here: take a photo or a sample.",
  NotReadableError: "Another program is using the webcam: close it, or take a photo or a sample.",
};

/**
 * The webcam, asked for only now.
 * @param {() => void} onEnd called when it vanishes
 */
export async function fromWebcam(onEnd) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Sentence("The browser gives no webcam to this address: open the page by https or from localhost, and in an iframe with allow=\"camera\".");
  }
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
  } catch (error) {
    throw new Sentence(REFUSED[/** @type {Error} */ (error).name] ?? "The webcam cannot be used: take a photo or a sample.");
  }
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  for (const track of stream.getTracks()) track.addEventListener("ended", onEnd);
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  return { draw: video, get width() { return video.videoWidth; }, get height() { return video.videoHeight; }, moving: true, stop };
}

/** Draws a source into a canvas, scaled and cut around the middle as the board's frames are. */
export function drawInto(canvas, source) {
  const scale = Math.max(canvas.width / source.width, canvas.height / source.height);
  const width = source.width * scale, height = source.height * scale;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source.draw, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
  return pen.getImageData(0, 0, canvas.width, canvas.height).data;
}
