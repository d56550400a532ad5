import CCurl
import Core
import Dispatch

/// Errands by libcurl, each on a thread that may block. How many run at once is the callers' to limit.
package struct CurlCourier: Courier {
    private let queue = DispatchQueue(label: "grayling.errands", attributes: .concurrent)
    /// libcurl wants its global set-up once, before any handle.
    private static let isSetUp = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    /// Bytes of an answer that are read before the connection is given up: nobody looks at them.
    private static let answerLimit = 64 << 10

    package init() {}

    package func run(_ errand: Errand) async -> ErrandOutcome {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Self.perform(errand)) }
        }
    }

    private final class Answer {
        var count = 0
    }

    private static func perform(_ errand: Errand) -> ErrandOutcome {
        guard isSetUp, let handle = curl_easy_init() else { return .failed("libcurl could not be set up; the machine may be out of memory") }
        defer { curl_easy_cleanup(handle) }
        var lines: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(lines) }
        for (name, value) in errand.headers.sorted(by: { $0.key < $1.key }) { lines = curl_slist_append(lines, "\(name): \(value)") }
        lines = curl_slist_append(lines, "Expect:")
        ccurl_set_list(handle, CURLOPT_HTTPHEADER, lines)
        ccurl_set_string(handle, CURLOPT_URL, errand.url)
        ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_string(handle, CURLOPT_USERAGENT, "grayling")
        ccurl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, Int(errand.timeout))
        ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(min(errand.timeout, 5_000)))
        if errand.method != "GET" {
            ccurl_set_long(handle, CURLOPT_POST, 1)
            ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, errand.method)
            ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(errand.body.count))
        }
        let answer = Answer()
        ccurl_set_transfer(handle, CURLOPT_WRITEFUNCTION) { _, size, count, context in
            let answer = Unmanaged<Answer>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
            answer.count += size * count
            return answer.count <= CurlCourier.answerLimit ? size * count : 0
        }
        ccurl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(answer).toOpaque())
        let code = errand.body.withUnsafeBytes { bytes in
            // Read while the request runs, and not after this closure.
            if errand.method != "GET" { ccurl_set_pointer(handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }
            return withExtendedLifetime(answer) { curl_easy_perform(handle) }
        }
        let status = ccurl_status(handle)
        if code == CURLE_OK || (code == CURLE_WRITE_ERROR && answer.count > answerLimit) { return .answered(status) }
        return .failed(String(cString: curl_easy_strerror(code)))
    }
}
