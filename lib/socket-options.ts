/**
 * The accessors of all options in the table, a getsockopt(2) or setsockopt(2) each, sorted by level.
 * Without a descriptor they are an `InvalidSocketError`; an option that the kernel or this kind of
 * socket lacks is `ENOPROTOOPT` or `EOPNOTSUPP`.
 */
import type { Linger } from './native';
import { options } from './options';
import type { SocketImpl } from './socket-impl';

export abstract class SocketOptions {
  protected abstract implementation: SocketImpl;

  // socket(7), unix(7)
  /**
   * `SO_RCVTIMEO`—how long a blocking receive or accept waits; rounded up to the clock tick
   * (milliseconds; default 0, none).
   */
  getReceiveTimeout(): number {
    return this.implementation.get(options.ReceiveTimeout);
  }

  /** `SO_RCVTIMEO`: see {@link getReceiveTimeout}. */
  setReceiveTimeout(value: number): void {
    this.implementation.set(options.ReceiveTimeout, value);
  }

  /**
   * `SO_SNDTIMEO`—how long a blocking send waits without progress; rounded up to the clock tick
   * (milliseconds; default 0, none).
   */
  getSendTimeout(): number {
    return this.implementation.get(options.SendTimeout);
  }

  /** `SO_SNDTIMEO`: see {@link getSendTimeout}. */
  setSendTimeout(value: number): void {
    this.implementation.set(options.SendTimeout, value);
  }

  /**
   * `SO_RCVBUF`—the receive buffer; Linux tells twice what was set, and has a least and a largest
   * size (bytes; default net.core.rmem_default).
   */
  getReceiveBufferSize(): number {
    return this.implementation.get(options.ReceiveBufferSize);
  }

  /** `SO_RCVBUF`: see {@link getReceiveBufferSize}. */
  setReceiveBufferSize(value: number): void {
    this.implementation.set(options.ReceiveBufferSize, value);
  }

  /**
   * `SO_SNDBUF`—the send buffer; Linux tells twice what was set, and has a least and a largest
   * size (bytes; default net.core.wmem_default).
   */
  getSendBufferSize(): number {
    return this.implementation.get(options.SendBufferSize);
  }

  /** `SO_SNDBUF`: see {@link getSendBufferSize}. */
  setSendBufferSize(value: number): void {
    this.implementation.set(options.SendBufferSize, value);
  }

  /** `SO_RCVBUFFORCE`—the receive buffer, beyond net.core.rmem_max; needs CAP_NET_ADMIN (bytes). */
  setReceiveBufferSizeForce(value: number): void {
    this.implementation.set(options.ReceiveBufferSizeForce, value);
  }

  /** `SO_SNDBUFFORCE`—the send buffer, beyond net.core.wmem_max; needs CAP_NET_ADMIN (bytes). */
  setSendBufferSizeForce(value: number): void {
    this.implementation.set(options.SendBufferSizeForce, value);
  }

  /**
   * `SO_LINGER`—whether close(2) waits for unsent data, and how long; on for 0 seconds resets the
   * connection (seconds; default off).
   */
  getLinger(): Linger {
    return this.implementation.get(options.Linger);
  }

  /** `SO_LINGER`: see {@link getLinger}. */
  setLinger(on: boolean, seconds: number): void {
    this.implementation.set(options.Linger, { on, seconds });
  }

  /** `SO_KEEPALIVE`—whether an idle connection is probed (default false). */
  getKeepAlive(): boolean {
    return this.implementation.get(options.KeepAlive);
  }

  /** `SO_KEEPALIVE`: see {@link getKeepAlive}. */
  setKeepAlive(on: boolean): void {
    this.implementation.set(options.KeepAlive, on);
  }

  /** `SO_OOBINLINE`—whether urgent data stays in the stream (default false). */
  getOOBInline(): boolean {
    return this.implementation.get(options.OOBInline);
  }

  /** `SO_OOBINLINE`: see {@link getOOBInline}. */
  setOOBInline(on: boolean): void {
    this.implementation.set(options.OOBInline, on);
  }

  /**
   * `SO_REUSEADDR`—whether bind(2) may take an address of connections that are closing (default
   * false).
   */
  getReuseAddress(): boolean {
    return this.implementation.get(options.ReuseAddress);
  }

  /** `SO_REUSEADDR`: see {@link getReuseAddress}. */
  setReuseAddress(on: boolean): void {
    this.implementation.set(options.ReuseAddress, on);
  }

  /**
   * `SO_REUSEPORT`—whether several sockets may bind to one address; the kernel spreads the
   * connections (default false).
   */
  getReusePort(): boolean {
    return this.implementation.get(options.ReusePort);
  }

  /** `SO_REUSEPORT`: see {@link getReusePort}. */
  setReusePort(on: boolean): void {
    this.implementation.set(options.ReusePort, on);
  }

  /** `SO_BROADCAST`—whether datagrams may go to a broadcast address (default false). */
  getBroadcast(): boolean {
    return this.implementation.get(options.Broadcast);
  }

  /** `SO_BROADCAST`: see {@link getBroadcast}. */
  setBroadcast(on: boolean): void {
    this.implementation.set(options.Broadcast, on);
  }

  /**
   * `SO_DONTROUTE`—whether only directly connected hosts are sent to, without gateways (default
   * false).
   */
  getDontRoute(): boolean {
    return this.implementation.get(options.DontRoute);
  }

  /** `SO_DONTROUTE`: see {@link getDontRoute}. */
  setDontRoute(on: boolean): void {
    this.implementation.set(options.DontRoute, on);
  }

  /**
   * `SO_DEBUG`—whether the kernel records debugging information; needs CAP_NET_ADMIN (default
   * false).
   */
  getDebug(): boolean {
    return this.implementation.get(options.Debug);
  }

  /** `SO_DEBUG`: see {@link getDebug}. */
  setDebug(on: boolean): void {
    this.implementation.set(options.Debug, on);
  }

  /**
   * `SO_PRIORITY`—the queueing priority of what is sent; above 6 needs CAP_NET_ADMIN (0 to 6;
   * default 0).
   */
  getPriority(): number {
    return this.implementation.get(options.Priority);
  }

  /** `SO_PRIORITY`: see {@link getPriority}. */
  setPriority(value: number): void {
    this.implementation.set(options.Priority, value);
  }

  /**
   * `SO_MARK`—the mark of what is sent, for routing and filters; needs CAP_NET_ADMIN (default 0).
   */
  getMark(): number {
    return this.implementation.get(options.Mark);
  }

  /** `SO_MARK`: see {@link getMark}. */
  setMark(value: number): void {
    this.implementation.set(options.Mark, value);
  }

  /**
   * `SO_BINDTODEVICE`—the only interface that the socket uses (interface name; default "", any).
   */
  getBindToDevice(): string {
    return this.implementation.get(options.BindToDevice);
  }

  /** `SO_BINDTODEVICE`: see {@link getBindToDevice}. */
  setBindToDevice(value: string): void {
    this.implementation.set(options.BindToDevice, value);
  }

  /**
   * `SO_BINDTOIFINDEX`—the only interface that the socket uses (interface index; default 0, any).
   */
  getBindToInterface(): number {
    return this.implementation.get(options.BindToInterface);
  }

  /** `SO_BINDTOIFINDEX`: see {@link getBindToInterface}. */
  setBindToInterface(value: number): void {
    this.implementation.set(options.BindToInterface, value);
  }

  /** `SO_RCVLOWAT`—how many bytes make a TCP socket readable (bytes; default 1). */
  getReceiveLowWater(): number {
    return this.implementation.get(options.ReceiveLowWater);
  }

  /** `SO_RCVLOWAT`: see {@link getReceiveLowWater}. */
  setReceiveLowWater(value: number): void {
    this.implementation.set(options.ReceiveLowWater, value);
  }

  /** `SO_PEEK_OFF`—where the next MSG_PEEK begins; it moves with each (bytes; default -1, off). */
  getPeekOffset(): number {
    return this.implementation.get(options.PeekOffset);
  }

  /** `SO_PEEK_OFF`: see {@link getPeekOffset}. */
  setPeekOffset(value: number): void {
    this.implementation.set(options.PeekOffset, value);
  }

  /**
   * `SO_BUSY_POLL`—how long a receive spins on the device queue; needs CAP_NET_ADMIN to raise
   * (microseconds; default net.core.busy_read).
   */
  getBusyPoll(): number {
    return this.implementation.get(options.BusyPoll);
  }

  /** `SO_BUSY_POLL`: see {@link getBusyPoll}. */
  setBusyPoll(value: number): void {
    this.implementation.set(options.BusyPoll, value);
  }

  /** `SO_PREFER_BUSY_POLL`—whether busy polling comes before interrupts (default false). */
  getPreferBusyPoll(): boolean {
    return this.implementation.get(options.PreferBusyPoll);
  }

  /** `SO_PREFER_BUSY_POLL`: see {@link getPreferBusyPoll}. */
  setPreferBusyPoll(on: boolean): void {
    this.implementation.set(options.PreferBusyPoll, on);
  }

  /**
   * `SO_BUSY_POLL_BUDGET`—how many packets one busy poll takes; needs CAP_NET_ADMIN to raise
   * (packets; default 8).
   */
  setBusyPollBudget(value: number): void {
    this.implementation.set(options.BusyPollBudget, value);
  }

  /**
   * `SO_TIMESTAMP`—whether messages come with SCM_TIMESTAMP, their time in microseconds (default
   * false).
   */
  getTimestamp(): boolean {
    return this.implementation.get(options.Timestamp);
  }

  /** `SO_TIMESTAMP`: see {@link getTimestamp}. */
  setTimestamp(on: boolean): void {
    this.implementation.set(options.Timestamp, on);
  }

  /**
   * `SO_TIMESTAMPNS`—whether messages come with SCM_TIMESTAMPNS, their time in nanoseconds
   * (default false).
   */
  getTimestampNs(): boolean {
    return this.implementation.get(options.TimestampNs);
  }

  /** `SO_TIMESTAMPNS`: see {@link getTimestampNs}. */
  setTimestampNs(on: boolean): void {
    this.implementation.set(options.TimestampNs, on);
  }

  /**
   * `SO_TIMESTAMPING`—which times messages come with, by SCM_TIMESTAMPING (SOF_TIMESTAMPING_
   * flags; default 0).
   */
  getTimestamping(): number {
    return this.implementation.get(options.Timestamping);
  }

  /** `SO_TIMESTAMPING`: see {@link getTimestamping}. */
  setTimestamping(value: number): void {
    this.implementation.set(options.Timestamping, value);
  }

  /**
   * `SO_PASSCRED`—whether messages come with SCM_CREDENTIALS, the sender on a Unix socket (default
   * false).
   */
  getPassCredentials(): boolean {
    return this.implementation.get(options.PassCredentials);
  }

  /** `SO_PASSCRED`: see {@link getPassCredentials}. */
  setPassCredentials(on: boolean): void {
    this.implementation.set(options.PassCredentials, on);
  }

  /** `SO_PASSSEC`—whether messages come with the security context of the sender (default false). */
  getPassSecurity(): boolean {
    return this.implementation.get(options.PassSecurity);
  }

  /** `SO_PASSSEC`: see {@link getPassSecurity}. */
  setPassSecurity(on: boolean): void {
    this.implementation.set(options.PassSecurity, on);
  }

  /**
   * `SO_RXQ_OVFL`—whether messages come with the number of datagrams dropped before them (default
   * false).
   */
  getReceiveQueueOverflow(): boolean {
    return this.implementation.get(options.ReceiveQueueOverflow);
  }

  /** `SO_RXQ_OVFL`: see {@link getReceiveQueueOverflow}. */
  setReceiveQueueOverflow(on: boolean): void {
    this.implementation.set(options.ReceiveQueueOverflow, on);
  }

  /**
   * `SO_INCOMING_CPU`—the CPU that handles what comes in; set, among sockets with SO_REUSEPORT the
   * one that is preferred (CPU number; default -1, any).
   */
  getIncomingCpu(): number {
    return this.implementation.get(options.IncomingCpu);
  }

  /** `SO_INCOMING_CPU`: see {@link getIncomingCpu}. */
  setIncomingCpu(value: number): void {
    this.implementation.set(options.IncomingCpu, value);
  }

  /** `SO_INCOMING_NAPI_ID`—the device queue of the last packet (default 0, none). */
  getIncomingNapiId(): number {
    return this.implementation.get(options.IncomingNapiId);
  }

  /** `SO_SELECT_ERR_QUEUE`—whether an entry in the error queue sets POLLPRI (default false). */
  getSelectErrorQueue(): boolean {
    return this.implementation.get(options.SelectErrorQueue);
  }

  /** `SO_SELECT_ERR_QUEUE`: see {@link getSelectErrorQueue}. */
  setSelectErrorQueue(on: boolean): void {
    this.implementation.set(options.SelectErrorQueue, on);
  }

  /** `SO_MAX_PACING_RATE`—how fast TCP sends at most (bytes a second; default no limit). */
  getMaxPacingRate(): bigint {
    return this.implementation.get(options.MaxPacingRate);
  }

  /** `SO_MAX_PACING_RATE`: see {@link getMaxPacingRate}. */
  setMaxPacingRate(value: bigint): void {
    this.implementation.set(options.MaxPacingRate, value);
  }

  /** `SO_ZEROCOPY`—whether MSG_ZEROCOPY is heeded (default false). */
  getZeroCopy(): boolean {
    return this.implementation.get(options.ZeroCopy);
  }

  /** `SO_ZEROCOPY`: see {@link getZeroCopy}. */
  setZeroCopy(on: boolean): void {
    this.implementation.set(options.ZeroCopy, on);
  }

  /**
   * `SO_LOCK_FILTER`—whether the socket filter can no longer be changed, this option neither
   * (default false).
   */
  getLockFilter(): boolean {
    return this.implementation.get(options.LockFilter);
  }

  /** `SO_LOCK_FILTER`: see {@link getLockFilter}. */
  setLockFilter(on: boolean): void {
    this.implementation.set(options.LockFilter, on);
  }

  /** `SO_RESERVE_MEM`—memory kept for the socket; needs a memory cgroup (bytes; default 0). */
  getReserveMemory(): number {
    return this.implementation.get(options.ReserveMemory);
  }

  /**
   * `SO_BUF_LOCK`—which buffer sizes the kernel no longer adapts (SOCK_SNDBUF_LOCK,
   * SOCK_RCVBUF_LOCK; default 0).
   */
  getBufferLock(): number {
    return this.implementation.get(options.BufferLock);
  }

  /** `SO_BUF_LOCK`: see {@link getBufferLock}. */
  setBufferLock(value: number): void {
    this.implementation.set(options.BufferLock, value);
  }

  /**
   * `SO_RCVMARK`—whether messages come with SO_MARK, the mark of the packet; needs CAP_NET_RAW
   * (default false).
   */
  getReceiveMark(): boolean {
    return this.implementation.get(options.ReceiveMark);
  }

  /** `SO_RCVMARK`: see {@link getReceiveMark}. */
  setReceiveMark(on: boolean): void {
    this.implementation.set(options.ReceiveMark, on);
  }

  /**
   * `SO_TXREHASH`—whether a connection that times out takes another path (SOCK_TXREHASH_DISABLED
   * or _ENABLED; default 1, enabled).
   */
  getTransmitRehash(): number {
    return this.implementation.get(options.TransmitRehash);
  }

  /** `SO_TXREHASH`: see {@link getTransmitRehash}. */
  setTransmitRehash(value: number): void {
    this.implementation.set(options.TransmitRehash, value);
  }

  /** `SO_COOKIE`—a number that no other socket of this boot has. */
  getCookie(): bigint {
    return this.implementation.get(options.Cookie);
  }

  /** `SO_NETNS_COOKIE`—a number that no other network namespace has. */
  getNetworkNamespaceCookie(): bigint {
    return this.implementation.get(options.NetworkNamespaceCookie);
  }

  /** `SO_DOMAIN`—the family (AF_ number). */
  getDomain(): number {
    return this.implementation.get(options.Domain);
  }

  /** `SO_PROTOCOL`—the protocol (IPPROTO_ number). */
  getProtocol(): number {
    return this.implementation.get(options.Protocol);
  }

  /** `SO_ACCEPTCONN`—whether the socket listens (default false). */
  getAcceptConnections(): boolean {
    return this.implementation.get(options.AcceptConnections);
  }

  /** `SO_WIFI_STATUS`—whether a wireless frame comes back with its status (default false). */
  getWifiStatus(): boolean {
    return this.implementation.get(options.WifiStatus);
  }

  /** `SO_WIFI_STATUS`: see {@link getWifiStatus}. */
  setWifiStatus(on: boolean): void {
    this.implementation.set(options.WifiStatus, on);
  }

  // tcp(7)
  /** `TCP_NODELAY`—whether small segments are sent at once (no Nagle algorithm) (default false). */
  getNoDelay(): boolean {
    return this.implementation.get(options.NoDelay);
  }

  /** `TCP_NODELAY`: see {@link getNoDelay}. */
  setNoDelay(on: boolean): void {
    this.implementation.set(options.NoDelay, on);
  }

  /** `TCP_CORK`—whether only full segments are sent, for 200 ms at most (default false). */
  getCork(): boolean {
    return this.implementation.get(options.Cork);
  }

  /** `TCP_CORK`: see {@link getCork}. */
  setCork(on: boolean): void {
    this.implementation.set(options.Cork, on);
  }

  /**
   * `TCP_QUICKACK`—whether acknowledgements go at once; the kernel may change it back (default
   * true).
   */
  getQuickAck(): boolean {
    return this.implementation.get(options.QuickAck);
  }

  /** `TCP_QUICKACK`: see {@link getQuickAck}. */
  setQuickAck(on: boolean): void {
    this.implementation.set(options.QuickAck, on);
  }

  /**
   * `TCP_DEFER_ACCEPT`—how long accept(2) keeps a connection back until data came; rounded to
   * retransmissions (seconds; default 0, off).
   */
  getDeferAccept(): number {
    return this.implementation.get(options.DeferAccept);
  }

  /** `TCP_DEFER_ACCEPT`: see {@link getDeferAccept}. */
  setDeferAccept(value: number): void {
    this.implementation.set(options.DeferAccept, value);
  }

  /**
   * `TCP_FASTOPEN`—of a listener: how many connections may come with data in their SYN (pending
   * connections; default 0, off).
   */
  getFastOpen(): number {
    return this.implementation.get(options.FastOpen);
  }

  /** `TCP_FASTOPEN`: see {@link getFastOpen}. */
  setFastOpen(value: number): void {
    this.implementation.set(options.FastOpen, value);
  }

  /**
   * `TCP_FASTOPEN_CONNECT`—whether the first data goes in the SYN: connect(2) then returns at once
   * (default false).
   */
  getFastOpenConnect(): boolean {
    return this.implementation.get(options.FastOpenConnect);
  }

  /** `TCP_FASTOPEN_CONNECT`: see {@link getFastOpenConnect}. */
  setFastOpenConnect(on: boolean): void {
    this.implementation.set(options.FastOpenConnect, on);
  }

  /** `TCP_FASTOPEN_NO_COOKIE`—whether data in the SYN needs no cookie (default false). */
  getFastOpenNoCookie(): boolean {
    return this.implementation.get(options.FastOpenNoCookie);
  }

  /** `TCP_FASTOPEN_NO_COOKIE`: see {@link getFastOpenNoCookie}. */
  setFastOpenNoCookie(on: boolean): void {
    this.implementation.set(options.FastOpenNoCookie, on);
  }

  /**
   * `TCP_KEEPIDLE`—how long a connection is idle before it is probed (seconds; default
   * net.ipv4.tcp_keepalive_time).
   */
  getKeepAliveIdle(): number {
    return this.implementation.get(options.KeepAliveIdle);
  }

  /** `TCP_KEEPIDLE`: see {@link getKeepAliveIdle}. */
  setKeepAliveIdle(value: number): void {
    this.implementation.set(options.KeepAliveIdle, value);
  }

  /**
   * `TCP_KEEPINTVL`—the time between two probes (seconds; default net.ipv4.tcp_keepalive_intvl).
   */
  getKeepAliveInterval(): number {
    return this.implementation.get(options.KeepAliveInterval);
  }

  /** `TCP_KEEPINTVL`: see {@link getKeepAliveInterval}. */
  setKeepAliveInterval(value: number): void {
    this.implementation.set(options.KeepAliveInterval, value);
  }

  /**
   * `TCP_KEEPCNT`—how many probes without answer end the connection (probes; default
   * net.ipv4.tcp_keepalive_probes).
   */
  getKeepAliveCount(): number {
    return this.implementation.get(options.KeepAliveCount);
  }

  /** `TCP_KEEPCNT`: see {@link getKeepAliveCount}. */
  setKeepAliveCount(value: number): void {
    this.implementation.set(options.KeepAliveCount, value);
  }

  /**
   * `TCP_USER_TIMEOUT`—how long sent data may stay unacknowledged before the connection ends
   * (milliseconds; default 0, the system's).
   */
  getUserTimeout(): number {
    return this.implementation.get(options.UserTimeout);
  }

  /** `TCP_USER_TIMEOUT`: see {@link getUserTimeout}. */
  setUserTimeout(value: number): void {
    this.implementation.set(options.UserTimeout, value);
  }

  /**
   * `TCP_MAXSEG`—the largest segment; set before connecting, it is the one that is announced
   * (bytes; default 536).
   */
  getMaximumSegment(): number {
    return this.implementation.get(options.MaximumSegment);
  }

  /** `TCP_MAXSEG`: see {@link getMaximumSegment}. */
  setMaximumSegment(value: number): void {
    this.implementation.set(options.MaximumSegment, value);
  }

  /**
   * `TCP_NOTSENT_LOWAT`—the socket is writable while less than this is not yet sent (bytes;
   * default 0, the system's).
   */
  getNotSentLowWater(): number {
    return this.implementation.get(options.NotSentLowWater);
  }

  /** `TCP_NOTSENT_LOWAT`: see {@link getNotSentLowWater}. */
  setNotSentLowWater(value: number): void {
    this.implementation.set(options.NotSentLowWater, value);
  }

  /** `TCP_CONGESTION`—the congestion control (name; default net.ipv4.tcp_congestion_control). */
  getCongestion(): string {
    return this.implementation.get(options.Congestion);
  }

  /** `TCP_CONGESTION`: see {@link getCongestion}. */
  setCongestion(value: string): void {
    this.implementation.set(options.Congestion, value);
  }

  /**
   * `TCP_SYNCNT`—how many SYN retransmissions connect(2) tries (retransmissions; default
   * net.ipv4.tcp_syn_retries).
   */
  getSynCount(): number {
    return this.implementation.get(options.SynCount);
  }

  /** `TCP_SYNCNT`: see {@link getSynCount}. */
  setSynCount(value: number): void {
    this.implementation.set(options.SynCount, value);
  }

  /**
   * `TCP_LINGER2`—how long an orphaned socket stays in FIN_WAIT2 (seconds; default
   * net.ipv4.tcp_fin_timeout).
   */
  getFinWait2Timeout(): number {
    return this.implementation.get(options.FinWait2Timeout);
  }

  /** `TCP_LINGER2`: see {@link getFinWait2Timeout}. */
  setFinWait2Timeout(value: number): void {
    this.implementation.set(options.FinWait2Timeout, value);
  }

  /** `TCP_WINDOW_CLAMP`—the largest window that is announced (bytes; default 0, none). */
  getWindowClamp(): number {
    return this.implementation.get(options.WindowClamp);
  }

  /** `TCP_WINDOW_CLAMP`: see {@link getWindowClamp}. */
  setWindowClamp(value: number): void {
    this.implementation.set(options.WindowClamp, value);
  }

  /**
   * `TCP_THIN_LINEAR_TIMEOUTS`—whether a thin stream retransmits without exponential backoff
   * (default false).
   */
  getThinLinearTimeouts(): boolean {
    return this.implementation.get(options.ThinLinearTimeouts);
  }

  /** `TCP_THIN_LINEAR_TIMEOUTS`: see {@link getThinLinearTimeouts}. */
  setThinLinearTimeouts(on: boolean): void {
    this.implementation.set(options.ThinLinearTimeouts, on);
  }

  /**
   * `TCP_SAVE_SYN`—of a listener: whether the SYN headers of connections are kept (0, 1 or 2;
   * default 0).
   */
  getSaveSyn(): number {
    return this.implementation.get(options.SaveSyn);
  }

  /** `TCP_SAVE_SYN`: see {@link getSaveSyn}. */
  setSaveSyn(value: number): void {
    this.implementation.set(options.SaveSyn, value);
  }

  /** `TCP_TIMESTAMP`—the current value of the timestamp clock (clock ticks). */
  getTcpTimestamp(): number {
    return this.implementation.get(options.TcpTimestamp);
  }

  /** `TCP_INQ`—whether messages come with TCP_CM_INQ, the bytes that are left (default false). */
  getInQueue(): boolean {
    return this.implementation.get(options.InQueue);
  }

  /** `TCP_INQ`: see {@link getInQueue}. */
  setInQueue(on: boolean): void {
    this.implementation.set(options.InQueue, on);
  }

  /** `TCP_TX_DELAY`—a delay of all that is sent, for tests (microseconds; default 0). */
  getTransmitDelay(): number {
    return this.implementation.get(options.TransmitDelay);
  }

  /** `TCP_TX_DELAY`: see {@link getTransmitDelay}. */
  setTransmitDelay(value: number): void {
    this.implementation.set(options.TransmitDelay, value);
  }

  /** `TCP_ULP`—the protocol module over TCP, such as "tls" (name; default "", none). */
  getUpperLayerProtocol(): string {
    return this.implementation.get(options.UpperLayerProtocol);
  }

  // udp(7)
  /**
   * `UDP_CORK`—whether sends are put together into one datagram until it is unset (default false).
   */
  getUdpCork(): boolean {
    return this.implementation.get(options.UdpCork);
  }

  /** `UDP_CORK`: see {@link getUdpCork}. */
  setUdpCork(on: boolean): void {
    this.implementation.set(options.UdpCork, on);
  }

  /**
   * `UDP_SEGMENT`—the size that the kernel cuts a large send into datagrams by (bytes; default 0,
   * off).
   */
  getUdpSegment(): number {
    return this.implementation.get(options.UdpSegment);
  }

  /** `UDP_SEGMENT`: see {@link getUdpSegment}. */
  setUdpSegment(value: number): void {
    this.implementation.set(options.UdpSegment, value);
  }

  /**
   * `UDP_GRO`—whether equal datagrams come as one, with UDP_GRO telling their size (default
   * false).
   */
  getUdpReceiveOffload(): boolean {
    return this.implementation.get(options.UdpReceiveOffload);
  }

  /** `UDP_GRO`: see {@link getUdpReceiveOffload}. */
  setUdpReceiveOffload(on: boolean): void {
    this.implementation.set(options.UdpReceiveOffload, on);
  }

  /** `UDP_NO_CHECK6_TX`—whether IPv6 datagrams go without a checksum (default false). */
  getUdpNoChecksum6Send(): boolean {
    return this.implementation.get(options.UdpNoChecksum6Send);
  }

  /** `UDP_NO_CHECK6_TX`: see {@link getUdpNoChecksum6Send}. */
  setUdpNoChecksum6Send(on: boolean): void {
    this.implementation.set(options.UdpNoChecksum6Send, on);
  }

  /** `UDP_NO_CHECK6_RX`—whether IPv6 datagrams without a checksum are taken (default false). */
  getUdpNoChecksum6Receive(): boolean {
    return this.implementation.get(options.UdpNoChecksum6Receive);
  }

  /** `UDP_NO_CHECK6_RX`: see {@link getUdpNoChecksum6Receive}. */
  setUdpNoChecksum6Receive(on: boolean): void {
    this.implementation.set(options.UdpNoChecksum6Receive, on);
  }

  // ip(7)
  /**
   * `IP_TOS`—the type-of-service byte: DSCP and ECN; TCP keeps the ECN bits (0 to 255; default 0).
   */
  getTypeOfService(): number {
    return this.implementation.get(options.TypeOfService);
  }

  /** `IP_TOS`: see {@link getTypeOfService}. */
  setTypeOfService(value: number): void {
    this.implementation.set(options.TypeOfService, value);
  }

  /** `IP_TTL`—how many routers a packet passes (1 to 255; default net.ipv4.ip_default_ttl). */
  getTimeToLive(): number {
    return this.implementation.get(options.TimeToLive);
  }

  /** `IP_TTL`: see {@link getTimeToLive}. */
  setTimeToLive(value: number): void {
    this.implementation.set(options.TimeToLive, value);
  }

  /** `IP_MULTICAST_LOOP`—whether multicast datagrams come back to this host (default true). */
  getMulticastLoop(): boolean {
    return this.implementation.get(options.MulticastLoop);
  }

  /** `IP_MULTICAST_LOOP`: see {@link getMulticastLoop}. */
  setMulticastLoop(on: boolean): void {
    this.implementation.set(options.MulticastLoop, on);
  }

  /** `IP_MULTICAST_TTL`—how many routers a multicast datagram passes (0 to 255; default 1). */
  getMulticastTimeToLive(): number {
    return this.implementation.get(options.MulticastTimeToLive);
  }

  /** `IP_MULTICAST_TTL`: see {@link getMulticastTimeToLive}. */
  setMulticastTimeToLive(value: number): void {
    this.implementation.set(options.MulticastTimeToLive, value);
  }

  /**
   * `IP_MULTICAST_IF`—the interface that multicast datagrams leave by (address of an interface;
   * default 0.0.0.0, the route's).
   */
  getMulticastInterface(): string {
    return this.implementation.get(options.MulticastInterface);
  }

  /** `IP_MULTICAST_IF`: see {@link getMulticastInterface}. */
  setMulticastInterface(value: string): void {
    this.implementation.set(options.MulticastInterface, value);
  }

  /**
   * `IP_MULTICAST_ALL`—whether datagrams of groups that other sockets joined come too (default
   * true).
   */
  getMulticastAll(): boolean {
    return this.implementation.get(options.MulticastAll);
  }

  /** `IP_MULTICAST_ALL`: see {@link getMulticastAll}. */
  setMulticastAll(on: boolean): void {
    this.implementation.set(options.MulticastAll, on);
  }

  /** `IP_RECVERR`—whether ICMP errors are queued, for MSG_ERRQUEUE (default false). */
  getReceiveErrors(): boolean {
    return this.implementation.get(options.ReceiveErrors);
  }

  /** `IP_RECVERR`: see {@link getReceiveErrors}. */
  setReceiveErrors(on: boolean): void {
    this.implementation.set(options.ReceiveErrors, on);
  }

  /**
   * `IP_PKTINFO`—whether messages come with IP_PKTINFO, the address and the interface they came to
   * (default false).
   */
  getPacketInfo(): boolean {
    return this.implementation.get(options.PacketInfo);
  }

  /** `IP_PKTINFO`: see {@link getPacketInfo}. */
  setPacketInfo(on: boolean): void {
    this.implementation.set(options.PacketInfo, on);
  }

  /** `IP_RECVTOS`—whether messages come with IP_TOS (default false). */
  getReceiveTypeOfService(): boolean {
    return this.implementation.get(options.ReceiveTypeOfService);
  }

  /** `IP_RECVTOS`: see {@link getReceiveTypeOfService}. */
  setReceiveTypeOfService(on: boolean): void {
    this.implementation.set(options.ReceiveTypeOfService, on);
  }

  /** `IP_RECVTTL`—whether messages come with IP_TTL (default false). */
  getReceiveTimeToLive(): boolean {
    return this.implementation.get(options.ReceiveTimeToLive);
  }

  /** `IP_RECVTTL`: see {@link getReceiveTimeToLive}. */
  setReceiveTimeToLive(on: boolean): void {
    this.implementation.set(options.ReceiveTimeToLive, on);
  }

  /** `IP_RECVOPTS`—whether messages come with the options of their IP header (default false). */
  getReceiveOptions(): boolean {
    return this.implementation.get(options.ReceiveOptions);
  }

  /** `IP_RECVOPTS`: see {@link getReceiveOptions}. */
  setReceiveOptions(on: boolean): void {
    this.implementation.set(options.ReceiveOptions, on);
  }

  /**
   * `IP_RECVORIGDSTADDR`—whether messages come with IP_ORIGDSTADDR, where they were sent to before
   * a redirect (default false).
   */
  getReceiveOriginalDestination(): boolean {
    return this.implementation.get(options.ReceiveOriginalDestination);
  }

  /** `IP_RECVORIGDSTADDR`: see {@link getReceiveOriginalDestination}. */
  setReceiveOriginalDestination(on: boolean): void {
    this.implementation.set(options.ReceiveOriginalDestination, on);
  }

  /**
   * `IP_RECVFRAGSIZE`—whether messages come with the size of their largest fragment (default
   * false).
   */
  getReceiveFragmentSize(): boolean {
    return this.implementation.get(options.ReceiveFragmentSize);
  }

  /** `IP_RECVFRAGSIZE`: see {@link getReceiveFragmentSize}. */
  setReceiveFragmentSize(on: boolean): void {
    this.implementation.set(options.ReceiveFragmentSize, on);
  }

  /**
   * `IP_TRANSPARENT`—whether foreign addresses may be bound to; needs CAP_NET_ADMIN (default
   * false).
   */
  getTransparent(): boolean {
    return this.implementation.get(options.Transparent);
  }

  /** `IP_TRANSPARENT`: see {@link getTransparent}. */
  setTransparent(on: boolean): void {
    this.implementation.set(options.Transparent, on);
  }

  /** `IP_FREEBIND`—whether addresses that no interface has yet may be bound to (default false). */
  getFreeBind(): boolean {
    return this.implementation.get(options.FreeBind);
  }

  /** `IP_FREEBIND`: see {@link getFreeBind}. */
  setFreeBind(on: boolean): void {
    this.implementation.set(options.FreeBind, on);
  }

  /**
   * `IP_MTU_DISCOVER`—whether packets may be fragmented (IP_PMTUDISC_; default 1,
   * IP_PMTUDISC_WANT).
   */
  getMtuDiscovery(): number {
    return this.implementation.get(options.MtuDiscovery);
  }

  /** `IP_MTU_DISCOVER`: see {@link getMtuDiscovery}. */
  setMtuDiscovery(value: number): void {
    this.implementation.set(options.MtuDiscovery, value);
  }

  /** `IP_MTU`—the path's MTU, of a connected socket (bytes). */
  getMtu(): number {
    return this.implementation.get(options.Mtu);
  }

  /**
   * `IP_BIND_ADDRESS_NO_PORT`—whether bind(2) with port 0 leaves the port to connect(2) (default
   * false).
   */
  getBindAddressNoPort(): boolean {
    return this.implementation.get(options.BindAddressNoPort);
  }

  /** `IP_BIND_ADDRESS_NO_PORT`: see {@link getBindAddressNoPort}. */
  setBindAddressNoPort(on: boolean): void {
    this.implementation.set(options.BindAddressNoPort, on);
  }

  /** `IP_MINTTL`—packets with less are dropped (0 to 255; default 0). */
  getMinimumTimeToLive(): number {
    return this.implementation.get(options.MinimumTimeToLive);
  }

  /** `IP_MINTTL`: see {@link getMinimumTimeToLive}. */
  setMinimumTimeToLive(value: number): void {
    this.implementation.set(options.MinimumTimeToLive, value);
  }

  /** `IP_NODEFRAG`—of a raw socket: whether fragments are not put together (default false). */
  getNoFragment(): boolean {
    return this.implementation.get(options.NoFragment);
  }

  /** `IP_NODEFRAG`: see {@link getNoFragment}. */
  setNoFragment(on: boolean): void {
    this.implementation.set(options.NoFragment, on);
  }

  /**
   * `IP_HDRINCL`—of a raw socket: whether what is sent begins with its IP header (default false).
   */
  getHeaderIncluded(): boolean {
    return this.implementation.get(options.HeaderIncluded);
  }

  /** `IP_HDRINCL`: see {@link getHeaderIncluded}. */
  setHeaderIncluded(on: boolean): void {
    this.implementation.set(options.HeaderIncluded, on);
  }

  /**
   * `IP_UNICAST_IF`—the interface that datagrams leave by (interface index; default 0, the
   * route's).
   */
  getUnicastInterface(): number {
    return this.implementation.get(options.UnicastInterface);
  }

  /** `IP_UNICAST_IF`: see {@link getUnicastInterface}. */
  setUnicastInterface(value: number): void {
    this.implementation.set(options.UnicastInterface, value);
  }

  // ipv6(7)
  /**
   * `IPV6_V6ONLY`—whether IPv4 peers are left out; set before bind(2) (default
   * net.ipv6.bindv6only).
   */
  getIPv6Only(): boolean {
    return this.implementation.get(options.IPv6Only);
  }

  /** `IPV6_V6ONLY`: see {@link getIPv6Only}. */
  setIPv6Only(on: boolean): void {
    this.implementation.set(options.IPv6Only, on);
  }

  /** `IPV6_TCLASS`—the traffic class: DSCP and ECN (0 to 255; default 0). */
  getTrafficClass(): number {
    return this.implementation.get(options.TrafficClass);
  }

  /** `IPV6_TCLASS`: see {@link getTrafficClass}. */
  setTrafficClass(value: number): void {
    this.implementation.set(options.TrafficClass, value);
  }

  /**
   * `IPV6_UNICAST_HOPS`—how many routers a packet passes (1 to 255, -1 default; default the
   * route's).
   */
  getUnicastHops(): number {
    return this.implementation.get(options.UnicastHops);
  }

  /** `IPV6_UNICAST_HOPS`: see {@link getUnicastHops}. */
  setUnicastHops(value: number): void {
    this.implementation.set(options.UnicastHops, value);
  }

  /**
   * `IPV6_MULTICAST_HOPS`—how many routers a multicast datagram passes (0 to 255, -1 default;
   * default 1).
   */
  getMulticastHops(): number {
    return this.implementation.get(options.MulticastHops);
  }

  /** `IPV6_MULTICAST_HOPS`: see {@link getMulticastHops}. */
  setMulticastHops(value: number): void {
    this.implementation.set(options.MulticastHops, value);
  }

  /** `IPV6_MULTICAST_LOOP`—whether multicast datagrams come back to this host (default true). */
  getIPv6MulticastLoop(): boolean {
    return this.implementation.get(options.IPv6MulticastLoop);
  }

  /** `IPV6_MULTICAST_LOOP`: see {@link getIPv6MulticastLoop}. */
  setIPv6MulticastLoop(on: boolean): void {
    this.implementation.set(options.IPv6MulticastLoop, on);
  }

  /**
   * `IPV6_MULTICAST_IF`—the interface that multicast datagrams leave by (interface index; default
   * 0, the route's).
   */
  getIPv6MulticastInterface(): number {
    return this.implementation.get(options.IPv6MulticastInterface);
  }

  /** `IPV6_MULTICAST_IF`: see {@link getIPv6MulticastInterface}. */
  setIPv6MulticastInterface(value: number): void {
    this.implementation.set(options.IPv6MulticastInterface, value);
  }

  /**
   * `IPV6_MULTICAST_ALL`—whether datagrams of groups that other sockets joined come too (default
   * true).
   */
  getIPv6MulticastAll(): boolean {
    return this.implementation.get(options.IPv6MulticastAll);
  }

  /** `IPV6_MULTICAST_ALL`: see {@link getIPv6MulticastAll}. */
  setIPv6MulticastAll(on: boolean): void {
    this.implementation.set(options.IPv6MulticastAll, on);
  }

  /** `IPV6_RECVERR`—whether ICMPv6 errors are queued, for MSG_ERRQUEUE (default false). */
  getIPv6ReceiveErrors(): boolean {
    return this.implementation.get(options.IPv6ReceiveErrors);
  }

  /** `IPV6_RECVERR`: see {@link getIPv6ReceiveErrors}. */
  setIPv6ReceiveErrors(on: boolean): void {
    this.implementation.set(options.IPv6ReceiveErrors, on);
  }

  /**
   * `IPV6_RECVPKTINFO`—whether messages come with IPV6_PKTINFO, the address and the interface they
   * came to (default false).
   */
  getIPv6PacketInfo(): boolean {
    return this.implementation.get(options.IPv6PacketInfo);
  }

  /** `IPV6_RECVPKTINFO`: see {@link getIPv6PacketInfo}. */
  setIPv6PacketInfo(on: boolean): void {
    this.implementation.set(options.IPv6PacketInfo, on);
  }

  /** `IPV6_RECVTCLASS`—whether messages come with IPV6_TCLASS (default false). */
  getReceiveTrafficClass(): boolean {
    return this.implementation.get(options.ReceiveTrafficClass);
  }

  /** `IPV6_RECVTCLASS`: see {@link getReceiveTrafficClass}. */
  setReceiveTrafficClass(on: boolean): void {
    this.implementation.set(options.ReceiveTrafficClass, on);
  }

  /** `IPV6_RECVHOPLIMIT`—whether messages come with IPV6_HOPLIMIT (default false). */
  getReceiveHopLimit(): boolean {
    return this.implementation.get(options.ReceiveHopLimit);
  }

  /** `IPV6_RECVHOPLIMIT`: see {@link getReceiveHopLimit}. */
  setReceiveHopLimit(on: boolean): void {
    this.implementation.set(options.ReceiveHopLimit, on);
  }

  /** `IPV6_RECVORIGDSTADDR`—whether messages come with IPV6_ORIGDSTADDR (default false). */
  getIPv6ReceiveOriginalDestination(): boolean {
    return this.implementation.get(options.IPv6ReceiveOriginalDestination);
  }

  /** `IPV6_RECVORIGDSTADDR`: see {@link getIPv6ReceiveOriginalDestination}. */
  setIPv6ReceiveOriginalDestination(on: boolean): void {
    this.implementation.set(options.IPv6ReceiveOriginalDestination, on);
  }

  /**
   * `IPV6_RECVPATHMTU`—whether a path MTU that is too small is told by a message (default false).
   */
  getReceivePathMtu(): boolean {
    return this.implementation.get(options.ReceivePathMtu);
  }

  /** `IPV6_RECVPATHMTU`: see {@link getReceivePathMtu}. */
  setReceivePathMtu(on: boolean): void {
    this.implementation.set(options.ReceivePathMtu, on);
  }

  /**
   * `IPV6_TRANSPARENT`—whether foreign addresses may be bound to; needs CAP_NET_ADMIN (default
   * false).
   */
  getIPv6Transparent(): boolean {
    return this.implementation.get(options.IPv6Transparent);
  }

  /** `IPV6_TRANSPARENT`: see {@link getIPv6Transparent}. */
  setIPv6Transparent(on: boolean): void {
    this.implementation.set(options.IPv6Transparent, on);
  }

  /**
   * `IPV6_FREEBIND`—whether addresses that no interface has yet may be bound to (default false).
   */
  getIPv6FreeBind(): boolean {
    return this.implementation.get(options.IPv6FreeBind);
  }

  /** `IPV6_FREEBIND`: see {@link getIPv6FreeBind}. */
  setIPv6FreeBind(on: boolean): void {
    this.implementation.set(options.IPv6FreeBind, on);
  }

  /**
   * `IPV6_MTU_DISCOVER`—whether packets may be fragmented (IPV6_PMTUDISC_; default 1,
   * IPV6_PMTUDISC_WANT).
   */
  getIPv6MtuDiscovery(): number {
    return this.implementation.get(options.IPv6MtuDiscovery);
  }

  /** `IPV6_MTU_DISCOVER`: see {@link getIPv6MtuDiscovery}. */
  setIPv6MtuDiscovery(value: number): void {
    this.implementation.set(options.IPv6MtuDiscovery, value);
  }

  /** `IPV6_MTU`—the path's MTU, of a connected socket (bytes). */
  getIPv6Mtu(): number {
    return this.implementation.get(options.IPv6Mtu);
  }

  /** `IPV6_DONTFRAG`—whether datagrams are never fragmented (default false). */
  getDontFragment(): boolean {
    return this.implementation.get(options.DontFragment);
  }

  /** `IPV6_DONTFRAG`: see {@link getDontFragment}. */
  setDontFragment(on: boolean): void {
    this.implementation.set(options.DontFragment, on);
  }

  /**
   * `IPV6_AUTOFLOWLABEL`—whether the kernel makes flow labels (default net.ipv6.auto_flowlabels).
   */
  getAutoFlowLabel(): boolean {
    return this.implementation.get(options.AutoFlowLabel);
  }

  /** `IPV6_AUTOFLOWLABEL`: see {@link getAutoFlowLabel}. */
  setAutoFlowLabel(on: boolean): void {
    this.implementation.set(options.AutoFlowLabel, on);
  }

  /**
   * `IPV6_ADDR_PREFERENCES`—which source addresses are preferred (RFC 5014) (IPV6_PREFER_SRC_
   * bits; default 0).
   */
  getAddressPreferences(): number {
    return this.implementation.get(options.AddressPreferences);
  }

  /** `IPV6_ADDR_PREFERENCES`: see {@link getAddressPreferences}. */
  setAddressPreferences(value: number): void {
    this.implementation.set(options.AddressPreferences, value);
  }

  /** `IPV6_MINHOPCOUNT`—packets with less are dropped (0 to 255; default 0). */
  getMinimumHopCount(): number {
    return this.implementation.get(options.MinimumHopCount);
  }

  /** `IPV6_MINHOPCOUNT`: see {@link getMinimumHopCount}. */
  setMinimumHopCount(value: number): void {
    this.implementation.set(options.MinimumHopCount, value);
  }

  /**
   * `IPV6_UNICAST_IF`—the interface that datagrams leave by (interface index; default 0, the
   * route's).
   */
  getIPv6UnicastInterface(): number {
    return this.implementation.get(options.IPv6UnicastInterface);
  }

  /** `IPV6_UNICAST_IF`: see {@link getIPv6UnicastInterface}. */
  setIPv6UnicastInterface(value: number): void {
    this.implementation.set(options.IPv6UnicastInterface, value);
  }

  /**
   * `IPV6_CHECKSUM`—of a raw IPv6 socket: where the kernel puts the checksum (offset, -1 none;
   * default -1).
   */
  getChecksum(): number {
    return this.implementation.get(options.Checksum);
  }

  /** `IPV6_CHECKSUM`: see {@link getChecksum}. */
  setChecksum(value: number): void {
    this.implementation.set(options.Checksum, value);
  }
}
