import CCurl
import Core

/// One request to a model server, on a connection of its own: a server that serves one connection at a time is
/// not kept from its users. Blocks its thread.
struct ServerRequest: Sendable {
    var method = "GET"
    var address: ReplicaAddress
    var path: String
    var body = ""
    var timeout: Milliseconds

    /// Longer answers are cut, and said to be.
    static let bodyLimit = 8 << 20

    enum Answer: Sendable {
        case response(status: Int, body: [UInt8])
        /// No answer, and why.
        case nothing(String)
    }

    /// libcurl wants its global set-up once, before any handle.
    private static let globalSetUp: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private final class Sink {
        var bytes: [UInt8] = []
        var isCut = false
    }

    func perform() -> Answer {
        guard Self.globalSetUp == CURLE_OK, let handle = curl_easy_init() else { return .nothing("libcurl could not be set up") }
        defer { curl_easy_cleanup(handle) }
        var lines: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(lines) }
        for line in ["Connection: close", "Expect:", "Accept: */*"] { lines = curl_slist_append(lines, line) }
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        let full = path.hasPrefix("/") || path.isEmpty ? path : "/" + path
        ccurl_set_string(handle, CURLOPT_URL, "http://\(host):\(address.port)\(address.basePath)\(full)")
        ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http")
        ccurl_set_string(handle, CURLOPT_PROXY, "")
        ccurl_set_string(handle, CURLOPT_USERAGENT, "grayling")
        ccurl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(handle, CURLOPT_FORBID_REUSE, 1)
        ccurl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(timeout))
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(min(timeout, 2000)))
        if !body.isEmpty {
            lines = curl_slist_append(lines, "Content-Type: application/json")
            ccurl_set_long(handle, CURLOPT_POST, 1)
            ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.utf8.count))
            ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, body)
        } else if method == "POST" || method == "PUT" {
            ccurl_set_long(handle, CURLOPT_POST, 1)
            ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, 0)
            ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, "")
        }
        if method == "HEAD" { ccurl_set_long(handle, CURLOPT_NOBODY, 1) }
        ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, method)
        ccurl_set_list(handle, CURLOPT_HTTPHEADER, lines)
        // Where there is no path to ask for, it is enough that somebody listens.
        if path.isEmpty { ccurl_set_long(handle, CURLOPT_CONNECT_ONLY, 1) }
        let sink = Sink()
        ccurl_set_transfer(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
            guard sink.bytes.count + size * count <= ServerRequest.bodyLimit else {
                sink.isCut = true
                return 0
            }
            sink.bytes += UnsafeRawBufferPointer(start: bytes, count: size * count)
            return size * count
        }
        ccurl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(sink).toOpaque())
        let code = withExtendedLifetime(sink) { curl_easy_perform(handle) }
        if code != CURLE_OK {
            return .nothing(sink.isCut ? "its answer is longer than \(Self.bodyLimit >> 20) MiB" : String(cString: curl_easy_strerror(code)))
        }
        return .response(status: path.isEmpty ? 200 : ccurl_status(handle), body: sink.bytes)
    }
}
