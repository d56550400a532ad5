/// What a new repo's `.gitattributes` makes LFS: the kinds of files that hold weights, archives and
/// arrays, the same as on the public hub.
enum DefaultAttributes {
    private static let endings = [
        "7z", "arrow", "bin", "bz2", "ckpt", "ftz", "gguf", "gz", "h5", "joblib", "mlmodel", "model", "msgpack", "npy", "npz", "onnx", "ot",
        "parquet", "pb", "pickle", "pkl", "pt", "pth", "rar", "safetensors", "tar", "tflite", "tgz", "wasm", "xz", "zip", "zst"
    ]
    private static let patterns = endings.map { "*.\($0)" } + ["*.lfs.*", "*.tar.*", "*tfevents*", "saved_model/**/*"]

    static let text = patterns.map { "\($0) filter=lfs diff=lfs merge=lfs -text\n" }.joined()
}
